/// Walks over the fields of one JSON object without building anything: the load shares its cores with what it measures.
///
/// It trusts the service to write JSON, not to end it: whatever is cut short or no object ends the walk with `isBroken`.
struct FieldScanner {
    private let bytes: UnsafeRawBufferPointer
    private var position: Int
    private(set) var isBroken = false

    init(_ bytes: UnsafeRawBufferPointer) { self.init(bytes, 0..<bytes.count) }

    /// - Parameter object: where in the bytes the object stands.
    init(_ bytes: UnsafeRawBufferPointer, _ object: Range<Int>) {
        self.bytes = UnsafeRawBufferPointer(rebasing: bytes[..<object.upperBound])
        position = object.lowerBound
        skipBlanks()
        if !take(UInt8(ascii: "{")) { isBroken = true }
    }

    /// The next field; nil at the end, or when the object is broken.
    /// - Returns: where its name stands, without quotes, and its value; a string's without quotes.
    mutating func next() -> (name: Range<Int>, value: Range<Int>)? {
        guard !isBroken else { return nil }
        skipBlanks()
        _ = take(UInt8(ascii: ","))
        skipBlanks()
        guard !take(UInt8(ascii: "}")) else { return nil }
        guard let name = string(), skipColon(), let value = value() else {
            isBroken = true
            return nil
        }
        return (name, value)
    }

    private mutating func value() -> Range<Int>? {
        guard position < bytes.count else { return nil }
        switch bytes[position] {
        case UInt8(ascii: "\""): return string()
        case UInt8(ascii: "{"), UInt8(ascii: "["): return nested()
        default:
            let start = position
            while position < bytes.count, !Self.endsScalar(bytes[position]) { position += 1 }
            return position > start ? start..<position : nil
        }
    }

    private mutating func string() -> Range<Int>? {
        guard take(UInt8(ascii: "\"")) else { return nil }
        let start = position
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "\""):
                position += 1
                return start..<(position - 1)
            case UInt8(ascii: "\\"): position += 2
            default: position += 1
            }
        }
        return nil
    }

    /// Anything in braces or brackets, strings with braces in them included.
    private mutating func nested() -> Range<Int>? {
        let start = position
        var depth = 0
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "\""):
                guard string() != nil else { return nil }
                continue
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
            default: break
            }
            position += 1
            if depth == 0 { return start..<position }
        }
        return nil
    }

    private mutating func skipColon() -> Bool {
        skipBlanks()
        guard take(UInt8(ascii: ":")) else { return false }
        skipBlanks()
        return true
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard position < bytes.count, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    private mutating func skipBlanks() {
        while position < bytes.count, Self.isBlank(bytes[position]) { position += 1 }
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

    private static func endsScalar(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: ",") || byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]") || isBlank(byte)
    }
}

extension UnsafeRawBufferPointer {
    /// Whether the bytes there are this ASCII text.
    func holds(_ text: StaticString, at range: Range<Int>) -> Bool {
        guard text.utf8CodeUnitCount == range.count else { return false }
        return UnsafeRawBufferPointer(rebasing: self[range]).elementsEqual(
            UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    func text(at range: Range<Int>) -> String { String(decoding: self[range], as: UTF8.self) }

    /// A whole number in plain digits; nil for anything else.
    func number(at range: Range<Int>) -> Int64? {
        guard (1...18).contains(range.count) else { return nil }
        var value: Int64 = 0
        for byte in self[range] {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            value = value * 10 + Int64(byte - UInt8(ascii: "0"))
        }
        return value
    }
}
