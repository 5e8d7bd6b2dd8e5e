/// Little-endian bytes as the scripts' `struct` library packs them.
extension Array where Element == UInt8 {
    /// Format `d`.
    mutating func appendDouble(_ value: Int64) {
        Swift.withUnsafeBytes(of: Double(value).bitPattern.littleEndian) { append(contentsOf: $0) }
    }

    /// Format `d`, in place of the eight bytes at `offset`.
    mutating func setDouble(_ value: Int64, at offset: Int) {
        Swift.withUnsafeBytes(of: Double(value).bitPattern.littleEndian) { replaceSubrange(offset..<(offset + 8), with: $0) }
    }

    /// Format `I6`: a time or a length of time in milliseconds. Less than nothing is nothing, more than fits is the most.
    mutating func appendTime(_ value: Int64) {
        let value = Swift.min(Swift.max(value, 0), (1 << 48) - 1)
        Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0.prefix(6)) }
    }

    /// Format `H`.
    mutating func appendShort(_ value: Int) {
        append(UInt8(truncatingIfNeeded: value))
        append(UInt8(truncatingIfNeeded: value >> 8))
    }

    /// Format `H`, in place of the two bytes at `offset`.
    mutating func setShort(_ value: Int, at offset: Int) {
        self[offset] = UInt8(truncatingIfNeeded: value)
        self[offset + 1] = UInt8(truncatingIfNeeded: value >> 8)
    }

    /// Format `I4`. Less than nothing is nothing, more than fits is the most.
    mutating func appendLength(_ value: Int) {
        Swift.withUnsafeBytes(of: UInt32(clamping: value).littleEndian) { append(contentsOf: $0) }
    }

    // MARK: What only the service reads

    /// Seven bits a byte, least significant first (LEB128). Less than nothing is nothing.
    mutating func appendVariable(_ value: Int64) {
        var rest = UInt64(Swift.max(value, 0))
        while rest >= 0x80 {
            append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        append(UInt8(rest))
    }

    /// Its length, then the text.
    mutating func appendText(_ text: String) {
        appendVariable(Int64(text.utf8.count))
        append(contentsOf: text.utf8)
    }

    /// Eight bytes, the least significant first.
    mutating func appendWord(_ value: UInt64) { Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) } }
}

/// Reads what a script packed, from the front. Reading past the end marks the reader broken instead of trapping.
package struct Unpacker {
    private let bytes: [UInt8]
    private var at = 0
    package private(set) var isBroken = false

    package init(_ bytes: [UInt8]) { self.bytes = bytes }

    package var isAtEnd: Bool { at == bytes.count }

    /// Format `B`.
    package mutating func byte() -> UInt8 {
        guard at < bytes.count else {
            isBroken = true
            return 0
        }
        at += 1
        return bytes[at - 1]
    }

    /// Format `I6`.
    package mutating func time() -> Int64 { unsigned(6) }

    /// Format `I2`, `I4`, `I6`.
    package mutating func unsigned(_ length: Int) -> Int64 {
        guard length <= bytes.count - at else {
            isBroken = true
            at = bytes.count
            return 0
        }
        var value: Int64 = 0
        for index in 0..<length { value |= Int64(bytes[at + index]) << Int64(8 * index) }
        at += length
        return value
    }

    /// Format `d`, holding a whole number.
    package mutating func double() -> Int64 {
        guard at + 8 <= bytes.count else {
            isBroken = true
            at = bytes.count
            return 0
        }
        let bits = bytes.withUnsafeBytes { UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: at, as: UInt64.self)) }
        at += 8
        guard let value = Int64(exactly: Double(bitPattern: bits).rounded()) else {
            isBroken = true
            return 0
        }
        return value
    }

    /// What ``Swift/Array/appendVariable(_:)`` wrote.
    mutating func variable() -> Int64 {
        var value: UInt64 = 0
        for shift in stride(from: 0, to: 63, by: 7) {
            let next = byte()
            value |= UInt64(next & 0x7F) << UInt64(shift)
            if next < 0x80 { return Int64(value) }
        }
        isBroken = true
        return 0
    }

    mutating func text() -> String { String(decoding: bytes(Int(variable())), as: UTF8.self) }

    /// Eight bytes, the least significant first.
    mutating func word() -> UInt64 {
        let low = UInt64(unsigned(4))
        return low | UInt64(unsigned(4)) << 32
    }

    mutating func skip(_ count: Int) {
        guard count <= bytes.count - at else {
            isBroken = true
            at = bytes.count
            return
        }
        at += count
    }

    /// All that is left.
    mutating func rest() -> [UInt8] { bytes(bytes.count - at) }

    package mutating func bytes(_ count: Int) -> [UInt8] {
        guard count <= bytes.count - at else {
            isBroken = true
            at = bytes.count
            return []
        }
        defer { at += count }
        return Array(bytes[at..<(at + count)])
    }
}
