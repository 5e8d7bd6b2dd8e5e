import BudgetHTTP
import BudgetModel
import HTTPTypes
import NIOCore

/// One request of the control API, read and allowed: what an endpoint needs of it.
struct ControlCall: Sendable {
    var head: HTTPRequest
    /// The path's parameters, percent-decoded once.
    var parameters: [String: String]
    var query: Query
    var body: ByteBuffer
    /// Who calls, as histories name it.
    var actor: String
    /// Whether the caller has a key to read with, or nobody needs one: matters where everybody may call.
    var mayRead: Bool
    /// Where the log finds the reason.
    var note: ReasonNote

    /// The path parameter `name` as an id.
    /// - Throws: 400 when it is none.
    func identifier(_ name: String) throws(Problem) -> Identifier {
        let identifier = Identifier(parameters[name] ?? "")
        guard identifier.isValid else {
            throw Problem(
                400, "invalid_\(name)", "Malformed request",
                "The \(name) in the path must be 1 to 256 bytes of UTF-8 without control characters, percent-encoded.",
                pointer: "/\(name)")
        }
        return identifier
    }

    /// The body's, or `?reason=`; the log has it, too. Every call that changes something asks for it.
    /// - Throws: 400 when one of them is too long or has control characters.
    func reason(_ body: String? = nil) throws(Problem) -> String {
        let reasons = [body, query["reason"]].compactMap { $0 }
        for reason in reasons where reason.utf8.count > 500 || reason.unicodeScalars.contains(where: \.isControl) {
            throw Problem(
                400, "invalid_reason", "Malformed request", "A reason is at most 500 bytes without control characters.",
                pointer: "/reason")
        }
        note.reason = reasons.first ?? ""
        return note.reason
    }

    /// The body's media type without parameters, in lower case.
    var mediaType: String {
        (head.headerFields[.contentType] ?? "").prefix { $0 != ";" }.filter { $0 != " " && $0 != "\t" }.lowercased()
    }

    var isJSON: Bool { mediaType == "application/json" || (mediaType.hasPrefix("application/") && mediaType.hasSuffix("+json")) }

    /// Whether the body says to be in another encoding than UTF-8, the only one read here.
    private var hasOtherCharset: Bool {
        let parameters = (head.headerFields[.contentType] ?? "").lowercased().split(separator: ";").dropFirst()
        return parameters.map { $0.filter { !" \t\"".contains($0) } }.contains { $0.hasPrefix("charset=") && $0 != "charset=utf-8" }
    }

    /// - Throws: 415 for a body in another encoding.
    func checkCharset() throws(Problem) {
        guard !hasOtherCharset else { throw .unsupportedMediaType("\(mediaType); charset=utf-8") }
    }

    /// Whether the caller would rather have YAML than JSON: which the `Accept` field gives more weight, JSON if neither.
    var wantsYAML: Bool {
        let accepted = MediaPreferences(head.headerFields[values: .accept].joined(separator: ","))
        return Self.yamlTypes.map(accepted.weight).max() ?? 0 > accepted.weight("application/json")
    }

    /// Reads the body as one JSON object of the fields `Field` has.
    func read<Field>(
        _ table: FieldTable<Field>, _ field: (inout JSONReader, Field) throws(JSONError) -> Void
    ) throws(Problem) {
        guard isJSON else { throw .unsupportedMediaType("application/json") }
        try read { (reader) throws(JSONError) in try reader.object(table, field) }
    }

    /// Reads the body as one JSON value.
    func read(_ value: (inout JSONReader) throws(JSONError) -> Void) throws(Problem) {
        let result = Array(body.readableBytesView).withUnsafeBufferPointer { bytes -> Result<Void, JSONError> in
            Result { () throws(JSONError) in
                var reader = try JSONReader(bytes)
                try reader.document(value)
            }
        }
        if case .failure(let error) = result { throw Problem(error) }
    }
}

extension Unicode.Scalar {
    fileprivate var isControl: Bool { properties.generalCategory == .control }
}

/// The parameters behind the `?` of a request target.
struct Query: Sendable {
    private var values: [String: String] = [:]

    /// - Throws: 400 for one that is there twice or not percent-encoded UTF-8.
    init(_ text: Substring) throws(Problem) {
        for pair in text.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = PercentEncoding.decode(parts[0], plusIsSpace: true) else {
                throw Problem(
                    400, "invalid_query", "Malformed request", "A name in the query is not percent-encoded UTF-8.", pointer: "")
            }
            guard let value = PercentEncoding.decode(parts.count > 1 ? parts[1] : "", plusIsSpace: true) else {
                throw .invalidQuery(name, "Must be percent-encoded UTF-8.")
            }
            guard values.updateValue(value, forKey: name) == nil else { throw .invalidQuery(name, "\"\(name)\" is there twice.") }
        }
    }

    subscript(name: String) -> String? { values[name] }

    /// - Throws: 400 for a parameter that is not among `known`.
    func allowOnly(_ known: Set<String>) throws(Problem) {
        guard let stranger = values.keys.filter({ !known.contains($0) }).min() else { return }
        throw Problem(
            400, "unknown_parameter", "Malformed request",
            "There is no parameter \"\(stranger)\" here; use \(known.sorted().joined(separator: ", ")).", pointer: "/\(stranger)")
    }

    /// `?name`, `?name=true` or `?name=false`.
    func flag(_ name: String) throws(Problem) -> Bool {
        switch values[name] {
        case nil, "false": return false
        case "", "true": return true
        default: throw .invalidQuery(name, "Must be true or false.")
        }
    }

    func integer(_ name: String, in range: ClosedRange<Int>) throws(Problem) -> Int? {
        guard let text = values[name] else { return nil }
        guard let value = Int(text), range.contains(value) else {
            throw .invalidQuery(name, "Must be \(range.lowerBound) to \(range.upperBound).")
        }
        return value
    }

    /// The parameter `user` as an id; nil without it.
    func user() throws(Problem) -> Identifier? {
        guard let user = self["user"].map({ Identifier($0) }) else { return nil }
        guard user.isValid else {
            throw Problem(
                400, "invalid_user", "Malformed request", "The user must be 1 to 256 bytes of UTF-8 without control characters.",
                pointer: "/user")
        }
        return user
    }
}
