import BudgetModel

/// Little-endian bytes as the scripts' `struct` library packs them.
extension ByteWriter {
    /// Format `d`.
    mutating func append(double value: Int64) { append(bytesOf: Self.double(value)) }

    /// Format `d`, in place of the eight bytes at `index`.
    mutating func replace(at index: Int, double value: Int64) {
        replace(at: index, length: 8) { UnsafeMutableRawPointer($0).storeBytes(of: Self.double(value), as: UInt64.self) }
    }

    private static func double(_ value: Int64) -> UInt64 { Double(value).bitPattern.littleEndian }

    /// Format `I6`: a time or a length of time in milliseconds. Less than nothing is nothing, more than fits is the most.
    mutating func append(time value: Int64) {
        let value = UInt64(min(max(value, 0), (1 << 48) - 1))
        append(length: 6) { bytes in
            UnsafeMutableRawPointer(bytes).storeBytes(of: UInt32(truncatingIfNeeded: value).littleEndian, as: UInt32.self)
            UnsafeMutableRawPointer(bytes + 4).storeBytes(of: UInt16(truncatingIfNeeded: value >> 32).littleEndian, as: UInt16.self)
        }
    }

    /// Format `H`. More than fits loses its highest bits.
    mutating func append(uint16 value: Int) { append(bytesOf: UInt16(truncatingIfNeeded: value).littleEndian) }

    /// Format `H`, in place of the two bytes at `index`.
    mutating func replace(at index: Int, uint16 value: Int) {
        replace(at: index, length: 2) {
            UnsafeMutableRawPointer($0).storeBytes(of: UInt16(truncatingIfNeeded: value).littleEndian, as: UInt16.self)
        }
    }

    /// Format `I4`. Less than nothing is nothing, more than fits is the most.
    mutating func append(uint32 value: Int) { append(bytesOf: UInt32(clamping: value).littleEndian) }

    // MARK: What only the service reads

    /// Seven bits a byte. Less than nothing is nothing.
    mutating func append(variable value: Int64) { append(variable: UInt64(max(value, 0))) }

    /// Its length, then the text.
    mutating func append(counted text: String) {
        append(variable: Int64(text.utf8.count))
        append(utf8: text)
    }

    /// Eight bytes, the least significant first.
    mutating func append(uint64 value: UInt64) { append(bytesOf: value.littleEndian) }
}

/// Reads what a script packed, from the front. Reading past the end marks the reader broken instead of trapping.
package struct Unpacker {
    private let bytes: [UInt8]
    private var at = 0
    private var end: Int
    package private(set) var isBroken = false

    package init(_ bytes: [UInt8]) {
        self.bytes = bytes
        end = bytes.count
    }

    package var isAtEnd: Bool { at == end }
    /// The byte that comes next.
    var first: UInt8? { at < end ? bytes[at] : nil }

    /// Format `B`.
    package mutating func byte() -> UInt8 {
        guard at < end else {
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
        guard length <= end - at else {
            isBroken = true
            at = end
            return 0
        }
        defer { at += length }
        return bytes.withUnsafeBytes { bytes in
            var value: Int64 = 0
            // Two bytes at a time: every format has an even number of them.
            for place in stride(from: length - 2, through: 0, by: -2) {
                value = value << 16 | Int64(UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: at + place, as: UInt16.self)))
            }
            return value
        }
    }

    /// Format `d`, holding a whole number.
    package mutating func double() -> Int64 {
        guard at + 8 <= end else {
            isBroken = true
            at = end
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

    /// What ``BudgetModel/ByteWriter/append(variable:)`` wrote.
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

    /// Eight bytes and six before them, the most significant first: as it is written.
    mutating func seal() -> Seal {
        let (high, low) = (unsigned(2), unsigned(4))
        let issued = Int64(UInt16(high).byteSwapped) << 32 | Int64(UInt32(low).byteSwapped)
        return Seal(issued: issued, tag: word().byteSwapped)
    }

    /// The next `count` bytes, to be read by themselves.
    mutating func part(_ count: Int) -> Unpacker {
        var part = self
        skip(count)
        part.end = isBroken ? part.at : at
        return part
    }

    mutating func skip(_ count: Int) {
        guard count <= end - at else {
            isBroken = true
            at = end
            return
        }
        at += count
    }

    /// All that is left.
    mutating func rest() -> [UInt8] { bytes(end - at) }

    package mutating func bytes(_ count: Int) -> [UInt8] {
        guard count <= end - at else {
            isBroken = true
            at = end
            return []
        }
        defer { at += count }
        return Array(bytes[at..<(at + count)])
    }
}
