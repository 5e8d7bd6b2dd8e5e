/// Bytes as hexadecimal digits in lower case, two each.
package func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
}

/// A number as `count` hexadecimal digits in lower case, zeros in front; it has no more than these.
package func hexadecimalDigits(of value: UInt64, count: Int = 16) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: count - digits.utf8.count) + digits
}
