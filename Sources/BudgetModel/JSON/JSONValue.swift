/// A JSON value kept as it came: what providers report, and what is stored about a user.
package enum JSONValue: Sendable {
    case null
    case bool(Bool)
    /// The number as it is written, so that no digit is lost.
    case number(String)
    case string(String)
    case array([JSONValue])
    case object([(key: String, value: JSONValue)])

    package subscript(key: String) -> JSONValue? {
        guard case .object(let fields) = self else { return nil }
        return fields.first { $0.key == key }?.value
    }

    package var keys: [String] {
        guard case .object(let fields) = self else { return [] }
        return fields.map(\.key)
    }

    package var text: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    package var isNull: Bool {
        guard case .null = self else { return false }
        return true
    }

    /// A plain non-negative integer, else nil.
    package var integer: Int64? {
        guard case .number(let text) = self, text.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else { return nil }
        return Int64(text)
    }

    package init(parsing text: some Sequence<UInt8>) throws(JSONError) {
        let bytes = Array(text)
        let result = bytes.withUnsafeBufferPointer { buffer -> Result<JSONValue, JSONError> in
            Result { () throws(JSONError) in
                var reader = try JSONReader(buffer)
                return try reader.document { (reader) throws(JSONError) in try reader.value() }
            }
        }
        self = try result.get()
    }
}
