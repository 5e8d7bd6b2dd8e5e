/// base64url without padding (RFC 4648 section 5), over bytes.
package enum Base64URL {
    private static let alphabet: StaticString = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    private static let values: [UInt8] = {
        var table = [UInt8](repeating: 255, count: 256)
        for value in 0..<64 { table[Int(alphabet.utf8Start[value])] = UInt8(value) }
        return table
    }()

    package static func encode(_ bytes: [UInt8]) -> [UInt8] {
        ByteWriter.bytes(capacity: length(of: bytes.count)) { $0.append(base64URL: bytes) }
    }

    /// How long the text of so many bytes is.
    fileprivate static func length(of count: Int) -> Int { (count * 4 + 2) / 3 }

    /// The character of the lowest six bits.
    package static func character(_ bits: UInt32) -> UInt8 { alphabet.utf8Start[Int(bits & 63)] }

    /// nil for a foreign character, an impossible length, or spare bits that are not zero: one text per value.
    package static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
        text.withContiguousStorageIfAvailable(decode) ?? Array(text).withUnsafeBufferPointer(decode)
    }

    private static func decode(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
        guard text.count % 4 != 1 else { return nil }
        return values.withUnsafeBufferPointer { values in
            var (buffer, bits, foreign) = (UInt32(0), 0, UInt8(0))
            let length = text.count * 3 / 4
            let bytes = [UInt8](unsafeUninitializedCapacity: length) { output, count in
                count = length
                guard var next = output.baseAddress else { return }
                for character in text {
                    let value = values[Int(character)]
                    foreign |= value
                    buffer = buffer << 6 | UInt32(value)
                    bits += 6
                    guard bits >= 8 else { continue }
                    bits -= 8
                    next.pointee = UInt8(truncatingIfNeeded: buffer >> UInt32(bits))
                    next += 1
                }
            }
            // Values have six bits, and what is none has all eight.
            return foreign < 64 && buffer & (1 << UInt32(bits) - 1) == 0 ? bytes : nil
        }
    }
}

extension ByteWriter {
    package mutating func append(base64URL bytes: [UInt8]) {
        append(length: Base64URL.length(of: bytes.count)) { output in
            let (whole, rest) = bytes.count.quotientAndRemainder(dividingBy: 3)
            for index in 0..<whole {
                let (read, write) = (3 * index, output + 4 * index)
                let bits = UInt32(bytes[read]) << 16 | UInt32(bytes[read + 1]) << 8 | UInt32(bytes[read + 2])
                for place in 0..<4 { write[place] = Base64URL.character(bits >> UInt32(18 - 6 * place)) }
            }
            guard rest > 0 else { return }
            let bits = UInt32(bytes[3 * whole]) << 16 | (rest == 2 ? UInt32(bytes[3 * whole + 1]) << 8 : 0)
            for place in 0...rest { output[4 * whole + place] = Base64URL.character(bits >> UInt32(18 - 6 * place)) }
        }
    }
}
