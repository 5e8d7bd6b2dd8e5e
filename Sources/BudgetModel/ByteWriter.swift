/// Bytes written one piece after the other: what answers, commands and records are made of.
///
/// An array asks at each append whether it is shared and how much room it has, and takes most pieces as a generic sequence. This
/// cannot be copied, so nobody shares its memory, and asks for room once for each piece.
package struct ByteWriter: ~Copyable, @unchecked Sendable {
    @usableFromInline var memory: UnsafeMutablePointer<UInt8>
    @usableFromInline var room: Int
    /// Written are the first `end` bytes.
    @usableFromInline var end = 0
    /// The memory is another's until more room is needed.
    private var isLent: Bool

    /// Enough for most answers and commands, and no more than the KiB that may lie on the stack, nor than the 1,032 bytes up to which
    /// glibc's `malloc` gives out again what was freed last, without tidying up.
    package static let page = 992

    /// - Parameter capacity: bytes it will take, about; more make it grow.
    package init(capacity: Int = 64) {
        room = max(capacity, 1)
        memory = .allocate(capacity: room)
        isLent = false
    }

    private init(lent: UnsafeMutableBufferPointer<UInt8>) {
        room = lent.count
        memory = lent.baseAddress.unsafelyUnwrapped
        isLent = true
    }

    deinit {
        if !isLent { memory.deallocate() }
    }

    /// - Parameter capacity: bytes that `write` will write, about. Up to a KiB of them are written on the stack.
    /// - Returns: what `write` writes.
    package static func bytes(capacity: Int = 64, _ write: (inout ByteWriter) -> Void) -> [UInt8] {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: max(capacity, 1)) { stack in
            var writer = ByteWriter(lent: stack)
            write(&writer)
            return writer.bytes
        }
    }

    /// How many bytes are written.
    @inlinable package var count: Int { end }
    package var bytes: [UInt8] { withBytes { Array($0) } }
    package var text: String { withBytes { String(decoding: $0, as: UTF8.self) } }

    /// Lends what is written.
    @inlinable
    package func withBytes<Value>(_ read: (UnsafeRawBufferPointer) -> Value) -> Value {
        read(UnsafeRawBufferPointer(start: memory, count: end))
    }

    // MARK: Pieces

    /// A piece of exactly `length` bytes, all of which `fill` must set.
    @inlinable @inline(__always)
    package mutating func append(length: Int, _ fill: (UnsafeMutablePointer<UInt8>) -> Void) {
        let start = end
        if start + length > room { grow(to: start + length) }
        end = start + length
        fill(memory + start)
    }

    @usableFromInline
    mutating func grow(to needed: Int) {
        room = max(needed, 2 * room)
        let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: room)
        larger.initialize(from: memory, count: end)
        if !isLent { memory.deallocate() }
        (memory, isLent) = (larger, false)
    }

    @inlinable
    package mutating func append(_ byte: UInt8) {
        append(length: 1) { $0.pointee = byte }
    }

    @inlinable
    package mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress else { return }
        append(length: bytes.count) { UnsafeMutableRawPointer($0).copyMemory(from: source, byteCount: bytes.count) }
    }

    @inlinable
    package mutating func append(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { append($0) }
    }

    @inlinable
    package mutating func append(_ text: StaticString) {
        append(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    @inlinable
    package mutating func append(utf8 text: String) {
        text.withBytes { append(UnsafeRawBufferPointer($0)) }
    }

    /// What another one has written.
    @inlinable
    package mutating func append(_ other: borrowing ByteWriter) {
        other.withBytes { append($0) }
    }

    /// The number's bytes as they lie in memory.
    @inlinable
    package mutating func append<Number: FixedWidthInteger>(bytesOf number: Number) {
        append(length: MemoryLayout<Number>.size) { UnsafeMutableRawPointer($0).storeBytes(of: number, as: Number.self) }
    }

    /// Decimal digits, behind a minus where the number is below 0.
    package mutating func append(decimal number: Int64) {
        if number < 0 { append(UInt8(ascii: "-")) }
        let length = Self.digits(of: number.magnitude)
        append(length: length) { Self.write(number.magnitude, digits: length, to: $0) }
    }

    /// How many decimal digits a number has.
    package static func digits(of number: UInt64) -> Int {
        var (count, limit, overflow) = (1, UInt64(10), false)
        while number >= limit, !overflow {
            count += 1
            (limit, overflow) = limit.multipliedReportingOverflow(by: 10)
        }
        return count
    }

    /// Fills exactly `digits` bytes of `output`.
    package static func write(_ number: UInt64, digits: Int, to output: UnsafeMutablePointer<UInt8>) {
        var (rest, place) = (number, digits)
        while place > 0 {
            place -= 1
            let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
            output[place] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: digit)
            rest = quotient
        }
    }

    // MARK: What is written already

    /// Puts `fill` in the place of as many written bytes.
    @inlinable
    package mutating func replace(at index: Int, length: Int, _ fill: (UnsafeMutablePointer<UInt8>) -> Void) {
        precondition(index >= 0 && index + length <= end, "only what is written can be replaced")
        fill(memory + index)
    }

    /// Puts a number's decimal digits in the place of written bytes; what follows them moves along.
    package mutating func replace(_ range: Range<Int>, decimal number: Int) {
        let digits = Self.digits(of: UInt64(number.magnitude))
        if digits != range.count { stretch(range, to: digits) }
        replace(at: range.lowerBound, length: digits) { Self.write(UInt64(number.magnitude), digits: digits, to: $0) }
    }

    private mutating func stretch(_ range: Range<Int>, to length: Int) {
        let rest = end - range.upperBound
        let needed = end + length - range.count
        if needed > room { grow(to: needed) }
        end = needed
        let place = UnsafeMutableRawPointer(memory + range.lowerBound)
        (place + length).copyMemory(from: place + range.count, byteCount: rest)
    }
}

extension String {
    /// Lends the UTF-8 of the text. Unlike `withUTF8` it needs no copy of the string that it may change.
    @inlinable
    package func withBytes<Value>(_ read: (UnsafeBufferPointer<UInt8>) -> Value) -> Value {
        if let value = utf8.withContiguousStorageIfAvailable(read) { return value }
        var text = self
        return text.withUTF8(read)
    }
}
