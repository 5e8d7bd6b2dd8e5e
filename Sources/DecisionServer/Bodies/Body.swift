import BudgetHTTP
import BudgetModel
import NIOCore

extension Call {
    /// Reads the body as one JSON object of the fields `Field` has.
    func read<Field>(
        _ table: FieldTable<Field>, _ field: (inout JSONReader, Field) throws(JSONError) -> Void
    ) throws(Problem) {
        let result = body.withUnsafeReadableBytes { raw -> Result<Void, JSONError> in
            raw.withMemoryRebound(to: UInt8.self) { bytes in
                Result { () throws(JSONError) in
                    var reader = try JSONReader(bytes)
                    try reader.document { (reader) throws(JSONError) in try reader.object(table, field) }
                }
            }
        }
        if case .failure(let error) = result { throw Problem(error) }
    }
}

extension JSONReader {
    mutating func idempotencyKey() throws(JSONError) -> String {
        let text = try string()
        guard isValidIdempotencyKey(text) else { throw error(.invalid, "Must be 1 to 128 visible ASCII characters.") }
        return text
    }

    /// `ttl_seconds` in milliseconds.
    mutating func timeToLive() throws(JSONError) -> Int64 {
        let seconds = try integer()
        guard (1...86_400).contains(seconds) else { throw error(.invalid, "Must be 1 to 86400.") }
        return seconds * 1_000
    }

    mutating func priceClass() throws(JSONError) -> PriceClass {
        guard let priceClass = PriceClass(rawValue: try string()) else {
            throw error(.invalid, "Must be standard, batch, flex or priority.")
        }
        return priceClass
    }

    /// A string of at most `limit` bytes.
    mutating func text(limit: Int) throws(JSONError) -> String {
        let text = try string()
        guard text.utf8.count <= limit else { throw error(.invalid, "Must be at most \(limit) bytes.") }
        return text
    }

    /// Up to 16 strings, 256 bytes each.
    mutating func labels() throws(JSONError) -> [String: String] {
        guard case .object(let fields) = try value() else { throw error(.invalid, "Must be an object of strings.") }
        guard fields.count <= 16 else { throw error(.invalid, "Must have at most 16 labels.") }
        var labels: [String: String] = [:]
        for (key, value) in fields {
            guard let text = value.text, text.utf8.count <= 256, Identifier(key).isValid else {
                throw JSONError(
                    .invalid, "A label is a name and a string, of at most 256 bytes each.", pointer: pointer + JSONError.step(key))
            }
            labels[key] = text
        }
        return labels
    }

    /// A model name; like every id, 1-256 bytes.
    mutating func model() throws(JSONError) -> Identifier { try identifier() }
}

/// `usage`, read in its dialect once the whole body is known: `usage_format` may stand after it.
struct UsageBody {
    var value: JSONValue?
    var format: UsageFormat?

    mutating func readFormat(_ reader: inout JSONReader) throws(JSONError) {
        format = UsageFormat(rawValue: try reader.string())
        if format == nil {
            throw reader.error(.invalid, "Must be one of \(UsageFormat.allCases.map(\.rawValue).joined(separator: ", ")).")
        }
    }

    /// What of a provider's object means nothing here, for the ledger.
    var unknownFields: String? {
        guard let value, !value.isNull else { return nil }
        return Usage.unknownFields(of: value, format: format ?? .detect(value))
    }

    /// nil when there is none, or it is null: an aborted stream.
    func usage() throws(Problem) -> Usage? {
        guard let value, !value.isNull else { return nil }
        do throws(JSONError) {
            return try Usage(value, format: format ?? .detect(value), pointer: "/usage")
        } catch {
            throw Problem(error)
        }
    }
}
