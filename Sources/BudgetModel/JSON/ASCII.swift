extension UnsafeBufferPointer<UInt8> {
    /// Whether every byte is below 0x80; eight of them are looked at together.
    var isASCII: Bool {
        let (raw, words) = (UnsafeRawBufferPointer(self), count / 8)
        var bits: UInt64 = 0
        for word in 0..<words { bits |= raw.loadUnaligned(fromByteOffset: 8 * word, as: UInt64.self) }
        for byte in self[(8 * words)...] { bits |= UInt64(byte) }
        return bits & 0x8080_8080_8080_8080 == 0
    }
}
