/// JSON writes characters beyond U+FFFF as two escapes, `\ud83d\ude42`, which YAML refuses: in a JSON document they become
/// the character itself. Anything else, and any text that is not JSON, stays as it is.
func joiningSurrogates(_ text: String) -> String {
    let start = text.utf8.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
    guard start == UInt8(ascii: "{"), text.utf8.contains(UInt8(ascii: "\\")) else { return text }
    let bytes = Array(text.utf8)
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var index = 0
    while index < bytes.count {
        if let high = escapedUnit(bytes, at: index), let low = escapedUnit(bytes, at: index + 6),
            let scalar = scalar(high: high, low: low)
        {
            result.append(contentsOf: Character(scalar).utf8)
            index += 12
        } else {
            // Two bytes at once, so that the second backslash of `\\` starts no escape.
            let length = bytes[index] == UInt8(ascii: "\\") && index + 1 < bytes.count ? 2 : 1
            result.append(contentsOf: bytes[index..<index + length])
            index += length
        }
    }
    return String(decoding: result, as: UTF8.self)
}

/// The number of the escape `\uXXXX` at `index`.
private func escapedUnit(_ bytes: [UInt8], at index: Int) -> UInt32? {
    guard index + 6 <= bytes.count, bytes[index] == UInt8(ascii: "\\"), bytes[index + 1] == UInt8(ascii: "u") else { return nil }
    return UInt32(String(decoding: bytes[index + 2..<index + 6], as: UTF8.self), radix: 16)
}

private func scalar(high: UInt32, low: UInt32) -> Unicode.Scalar? {
    guard (0xD800..<0xDC00).contains(high), (0xDC00..<0xE000).contains(low) else { return nil }
    return Unicode.Scalar(0x10000 + (high - 0xD800) << 10 + (low - 0xDC00))
}
