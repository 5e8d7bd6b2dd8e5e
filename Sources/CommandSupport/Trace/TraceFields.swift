/// The fields of one line of CSV (RFC 4180, without line breaks inside quotes).
enum TraceFields {
    private static let quote = UInt8(ascii: "\"")
    private static let comma = UInt8(ascii: ",")

    /// nil when a quote is not closed, or something follows it.
    static func split(_ line: ArraySlice<UInt8>) -> [ArraySlice<UInt8>]? {
        var fields: [ArraySlice<UInt8>] = []
        var rest = line
        while true {
            guard let field = rest.first == quote ? quoted(&rest) : plain(&rest) else { return nil }
            fields.append(field)
            guard let separator = rest.popFirst() else { return fields }
            guard separator == comma else { return nil }
        }
    }

    private static func plain(_ rest: inout ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        let field = rest.prefix { $0 != comma }
        rest = rest[field.endIndex...]
        return trimmed(field)
    }

    private static func quoted(_ rest: inout ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        var field: [UInt8] = []
        rest.removeFirst()
        while let byte = rest.popFirst() {
            if byte == quote {
                guard rest.first == quote else { return field[...] }
                rest.removeFirst()
            }
            field.append(byte)
        }
        return nil
    }

    private static func trimmed(_ field: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var field = field
        while let byte = field.first, byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") { field.removeFirst() }
        while let byte = field.last, byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") { field.removeLast() }
        return field
    }

    /// Plain decimal digits; nil for anything else, and above 2^53-1, which no service here takes.
    static func tokens(_ field: ArraySlice<UInt8>) -> Int64? {
        guard let value = digits(field, most: 16), value <= (1 << 53) - 1 else { return nil }
        return value
    }

    /// Nothing but 1 to `most` (at most 18) digits.
    static func digits(_ field: ArraySlice<UInt8>, most: Int) -> Int64? {
        guard (1...most).contains(field.count) else { return nil }
        var value: Int64 = 0
        for byte in field {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            value = value * 10 + Int64(byte - UInt8(ascii: "0"))
        }
        return value
    }
}
