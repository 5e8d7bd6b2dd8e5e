/// A strict reader of one JSON text (RFC 8259) over bytes that outlive it: no byte order mark, no duplicate keys, no
/// unknown fields, no trailing commas. Foundation's decoder lets all of those pass, and takes ten times as long.
package struct JSONReader {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var at = 0
    /// The way to the value being read; only an error makes a pointer of it.
    private var path: [String] = []
    /// Most fields of an object that is kept as it is: a usage object has a dozen.
    package static let maximumFields = 256
    /// Room for a usage object's counts without its details: input, output, total.
    private static let usualFields = 4
    /// Deepest nesting of a value that is kept as it is.
    package static let maximumDepth = 32

    /// - Throws: `malformed_json` unless the bytes are UTF-8.
    package init(_ bytes: UnsafeBufferPointer<UInt8>) throws(JSONError) {
        self.bytes = bytes
        if !bytes.isASCII, String(validating: bytes, as: UTF8.self) == nil {
            throw JSONError(.malformed, "The body is not valid UTF-8.")
        }
    }

    /// Reads a whole document: one value and nothing after it.
    package mutating func document<Value>(
        _ read: (inout JSONReader) throws(JSONError) -> Value
    ) throws(JSONError) -> Value {
        let value = try read(&self)
        skipSpace()
        guard at == bytes.count else { throw malformed("Something follows the end of the JSON value") }
        return value
    }

    // MARK: Objects and arrays

    /// Reads an object whose fields are those of `table`, each at most once, handing every field to `read`.
    package mutating func object<Field>(
        _ table: FieldTable<Field>, _ read: (inout JSONReader, Field) throws(JSONError) -> Void
    ) throws(JSONError) {
        var seen: UInt64 = 0
        try members { (reader, key) throws(JSONError) in
            guard let index = table.index(of: key, in: reader.bytes) else {
                let name = key.text(in: reader.bytes)
                throw JSONError(.unknownField, "There is no field \"\(name)\" here.", pointer: reader.pointer + JSONError.step(name))
            }
            reader.path.append(table.names[index])
            guard seen & (1 << index) == 0 else { throw reader.error(.duplicateField, "The field stands here twice.") }
            seen |= 1 << index
            try read(&reader, table.fields[index])
            reader.path.removeLast()
        }
    }

    /// Reads an object of any names, handing each to `read`, which must read its value: for objects too large to keep.
    package mutating func entries(
        _ read: (inout JSONReader, _ name: String) throws(JSONError) -> Void
    ) throws(JSONError) {
        var seen: Set<Identifier> = []
        try members { (reader, key) throws(JSONError) in
            let name = key.text(in: reader.bytes)
            reader.path.append(name)
            guard seen.insert(Identifier(name)).inserted else { throw reader.error(.duplicateField, "The field stands here twice.") }
            try read(&reader, name)
            reader.path.removeLast()
        }
    }

    private mutating func members(_ read: (inout JSONReader, JSONKey) throws(JSONError) -> Void) throws(JSONError) {
        try open(UInt8(ascii: "{"), "an object")
        skipSpace()
        if take(UInt8(ascii: "}")) { return }
        repeat {
            skipSpace()
            guard peek() == UInt8(ascii: "\"") else { throw malformed("Expected a field name in double quotes") }
            let key = try self.key()
            skipSpace()
            guard take(UInt8(ascii: ":")) else { throw malformed("Expected ':' after a field name") }
            try read(&self, key)
            skipSpace()
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "}")) else { throw malformed("Expected ',' or '}'") }
    }

    /// Any value as it is, at most ``maximumDepth`` deep. Keys of an object must differ.
    package mutating func value(depth: Int = 0) throws(JSONError) -> JSONValue {
        guard depth < Self.maximumDepth else { throw error(.malformed, "Nested deeper than \(Self.maximumDepth) levels.") }
        skipSpace()
        switch peek() {
        case UInt8(ascii: "{"):
            var fields: [(key: String, value: JSONValue)] = []
            fields.reserveCapacity(Self.usualFields)
            try members { (reader, key) throws(JSONError) in
                let name = key.text(in: reader.bytes)
                reader.path.append(name)
                guard !fields.contains(where: { $0.key.utf8.elementsEqual(name.utf8) }) else {
                    throw reader.error(.duplicateField, "The field stands here twice.")
                }
                guard fields.count < Self.maximumFields else {
                    throw reader.error(.malformed, "An object has more than \(Self.maximumFields) fields.")
                }
                fields.append((name, try reader.value(depth: depth + 1)))
                reader.path.removeLast()
            }
            return .object(fields)
        case UInt8(ascii: "["): return .array(try array(depth: depth))
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"), UInt8(ascii: "f"): return .bool(try bool())
        case UInt8(ascii: "n"):
            try word("null")
            return .null
        default: return .number(try number())
        }
    }

    private mutating func array(depth: Int) throws(JSONError) -> [JSONValue] {
        var items: [JSONValue] = []
        try elements { (reader) throws(JSONError) in items.append(try reader.value(depth: depth + 1)) }
        return items
    }

    private mutating func elements(_ read: (inout JSONReader) throws(JSONError) -> Void) throws(JSONError) {
        try open(UInt8(ascii: "["), "an array")
        skipSpace()
        if take(UInt8(ascii: "]")) { return }
        var count = 0
        repeat {
            path.append(String(count))
            try read(&self)
            path.removeLast()
            count += 1
            skipSpace()
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "]")) else { throw malformed("Expected ',' or ']'") }
    }

    /// Passes over any value, which another reader takes what it means from: it must be JSON, and keys of an object must differ.
    package mutating func pass(depth: Int = 0) throws(JSONError) {
        guard depth < Self.maximumDepth else { throw error(.malformed, "Nested deeper than \(Self.maximumDepth) levels.") }
        skipSpace()
        switch peek() {
        case UInt8(ascii: "{"): try entries { (reader, _) throws(JSONError) in try reader.pass(depth: depth + 1) }
        case UInt8(ascii: "["): try elements { (reader) throws(JSONError) in try reader.pass(depth: depth + 1) }
        default: _ = try value(depth: depth)
        }
    }

    // MARK: Scalars

    /// A plain non-negative integer up to 2^53 - 1: no sign, fraction or exponent.
    package mutating func integer() throws(JSONError) -> Int64 {
        skipSpace()
        let start = at
        var value: Int64 = 0
        var tooLarge = false
        while let digit = digit() {
            if value > Amount.maximum / 10 { tooLarge = true } else { value = value * 10 + digit }
        }
        let length = at - start
        let wellFormed = length > 0 && (length == 1 || bytes[start] != UInt8(ascii: "0"))
        guard wellFormed, !continuesNumber else {
            at = start
            throw error(.invalid, "Must be a whole number of 0 or more, in plain digits.")
        }
        guard !tooLarge, value <= Amount.maximum else {
            throw error(.amountTooLarge, "Must be at most \(Amount.maximum).")
        }
        return value
    }

    /// A non-negative decimal number as it is written.
    package mutating func decimal() throws(JSONError) -> DecimalNumber {
        skipSpace()
        let start = at
        if let first = peek(), Self.isDigit(first) {
            let text = try number()
            if let value = DecimalNumber(text) { return value }
            at = start
        }
        throw error(.invalid, "Must be a decimal number of 0 or more with at most 18 digits.")
    }

    package mutating func bool() throws(JSONError) -> Bool {
        skipSpace()
        if peek() == UInt8(ascii: "t") {
            try word("true")
            return true
        }
        guard peek() == UInt8(ascii: "f") else { throw error(.invalid, "Must be true or false.") }
        try word("false")
        return false
    }

    package mutating func string() throws(JSONError) -> String {
        skipSpace()
        guard peek() == UInt8(ascii: "\"") else { throw error(.invalid, "Must be a string.") }
        return try key().text(in: bytes)
    }

    package mutating func identifier() throws(JSONError) -> Identifier {
        let id = Identifier(try string())
        guard id.isValid else { throw error(.invalid, "Must be 1 to 256 bytes of UTF-8 without control characters.") }
        return id
    }

    /// Of the value being read (RFC 6901).
    package var pointer: String { path.map(JSONError.step).joined() }

    package func error(_ kind: JSONError.Kind, _ detail: String) -> JSONError { JSONError(kind, detail, pointer: pointer) }

    // MARK: Tokens

    private mutating func key() throws(JSONError) -> JSONKey {
        at += 1
        let start = at
        while at < bytes.count {
            switch bytes[at] {
            case UInt8(ascii: "\""):
                at += 1
                return .plain(start..<(at - 1))
            case UInt8(ascii: "\\"): return .escaped(try escapedString(from: start))
            case 0..<0x20: throw malformed("A control character stands in a string")
            default: at += 1
            }
        }
        throw malformed("A string does not end")
    }

    private mutating func escapedString(from start: Int) throws(JSONError) -> String {
        var text = Array(bytes[start..<at])
        while at < bytes.count {
            let byte = bytes[at]
            at += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"): try appendEscape(to: &text)
            case 0..<0x20: throw malformed("A control character stands in a string")
            default: text.append(byte)
            }
        }
        throw malformed("A string does not end")
    }

    private mutating func appendEscape(to text: inout [UInt8]) throws(JSONError) {
        guard let byte = peek() else { throw malformed("A string does not end") }
        at += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"): text += try unicodeEscape()
        default: throw malformed("Unknown escape in a string")
        }
    }

    private mutating func unicodeEscape() throws(JSONError) -> [UInt8] {
        var value = UInt32(try hexadecimal())
        if value & 0xFC00 == 0xD800 {
            guard take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else { throw malformed("A surrogate stands alone") }
            let low = UInt32(try hexadecimal())
            guard low & 0xFC00 == 0xDC00 else { throw malformed("A surrogate stands alone") }
            value = 0x10000 + (value & 0x3FF) << 10 + (low & 0x3FF)
        }
        guard let scalar = Unicode.Scalar(value) else { throw malformed("A surrogate stands alone") }
        return Array(String(Character(scalar)).utf8)
    }

    private mutating func hexadecimal() throws(JSONError) -> UInt16 {
        var value: UInt16 = 0
        for _ in 0..<4 {
            guard let byte = peek(), let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw malformed("\\u needs four hexadecimal digits")
            }
            at += 1
            value = value << 4 | UInt16(digit)
        }
        return value
    }

    /// The text of a number by JSON's grammar.
    private mutating func number() throws(JSONError) -> String {
        let start = at
        _ = take(UInt8(ascii: "-"))
        let whole = at
        skipDigits()
        guard at > whole, at - whole == 1 || bytes[whole] != UInt8(ascii: "0") else {
            throw malformed("Expected a JSON value")
        }
        if take(UInt8(ascii: ".")) { try digits() }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            _ = take(UInt8(ascii: "+")) || take(UInt8(ascii: "-"))
            try digits()
        }
        return String(decoding: bytes[start..<at], as: UTF8.self)
    }

    private mutating func digits() throws(JSONError) {
        let start = at
        skipDigits()
        guard at > start else { throw malformed("A number lacks digits") }
    }

    private mutating func skipDigits() {
        while at < bytes.count, Self.isDigit(bytes[at]) { at += 1 }
    }

    private mutating func digit() -> Int64? {
        guard at < bytes.count, Self.isDigit(bytes[at]) else { return nil }
        at += 1
        return Int64(bytes[at - 1] - UInt8(ascii: "0"))
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

    /// Whether what follows would make an integer something else: a fraction, an exponent, a letter.
    private var continuesNumber: Bool {
        guard let byte = peek() else { return false }
        switch byte {
        case UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: "]"), 0x20, 0x09, 0x0A, 0x0D: return false
        default: return true
        }
    }

    private mutating func word(_ text: StaticString) throws(JSONError) {
        for index in 0..<text.utf8CodeUnitCount {
            guard take(text.utf8Start[index]) else { throw malformed("Expected a JSON value") }
        }
    }

    private mutating func open(_ byte: UInt8, _ what: String) throws(JSONError) {
        skipSpace()
        guard take(byte) else {
            throw path.isEmpty ? malformed("The body must be \(what)") : error(.invalid, "Must be \(what).")
        }
    }

    private mutating func skipSpace() {
        while at < bytes.count {
            switch bytes[at] {
            case 0x20, 0x09, 0x0A, 0x0D: at += 1
            default: return
            }
        }
    }

    private func peek() -> UInt8? { at < bytes.count ? bytes[at] : nil }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard at < bytes.count, bytes[at] == byte else { return false }
        at += 1
        return true
    }

    private func malformed(_ what: String) -> JSONError { error(.malformed, "\(what) (at byte \(at)).") }
}
