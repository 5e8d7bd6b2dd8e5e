import BudgetHTTP
import BudgetModel
import NIOCore

/// The body of `POST /v1/users/{user}/grants`.
struct GrantBody {
    private enum Field: String, CaseIterable, Sendable {
        case allowance, amount, reason, dimensions
        case expiresAt = "expires_at"
        case id = "grant_id"
    }
    private static let fields = FieldTable<Field>()

    let request: GrantRequest

    init(_ call: ControlCall) throws(Problem) {
        var request = GrantRequest(allowance: "", amount: WrittenAmount(""))
        var reason: String?
        try call.read(Self.fields) { (reader, field) throws(JSONError) in
            switch field {
            case .allowance: request.allowance = try reader.identifier()
            case .amount: request.amount = try reader.amount()
            case .reason: reason = try reader.string()
            case .dimensions: request.dimensions = try reader.dimensions()
            case .expiresAt: request.expiresAt = try reader.time()
            case .id: request.id = try reader.grantID()
            }
        }
        if request.allowance.text.isEmpty { throw missing("allowance") }
        if request.amount.text.isEmpty { throw missing("amount") }
        request.reason = try call.reason(reason)
        self.request = request
    }
}

/// The body of `POST /v1/users/{user}/reset`.
struct ResetBody {
    private enum Field: String, CaseIterable, Sendable {
        case allowance, dimensions, reason
    }
    private static let fields = FieldTable<Field>()

    private(set) var allowance: Identifier = ""
    private(set) var dimensions: [Dimension: Identifier] = [:]
    private(set) var reason = ""

    init(_ call: ControlCall) throws(Problem) {
        var (allowance, dimensions, reason): (Identifier, [Dimension: Identifier], String?) = ("", [:], nil)
        try call.read(Self.fields) { (reader, field) throws(JSONError) in
            switch field {
            case .allowance: allowance = try reader.identifier()
            case .dimensions: dimensions = try reader.dimensions()
            case .reason: reason = try reader.string()
            }
        }
        if allowance.text.isEmpty { throw missing("allowance") }
        self.reason = try call.reason(reason)
        self.allowance = allowance
        self.dimensions = dimensions
    }
}

/// The body of an erasure and of every DELETE: none, or a reason.
struct ReasonBody {
    private enum Field: String, CaseIterable, Sendable {
        case reason
    }
    private static let fields = FieldTable<Field>()

    let reason: String?

    init(_ call: ControlCall) throws(Problem) {
        var reason: String?
        if call.body.readableBytes > 0 {
            try call.read(Self.fields) { (reader, _) throws(JSONError) in reason = try reader.string() }
        }
        self.reason = reason
    }
}

/// A required field that is not there.
private func missing(_ field: String) -> Problem {
    Problem(JSONError(.missingField, "\"\(field)\" is missing.", pointer: "/\(field)"))
}

extension JSONReader {
    fileprivate mutating func amount() throws(JSONError) -> WrittenAmount {
        guard case .number(let text) = try value() else { throw error(.invalid, "Must be a number.") }
        return WrittenAmount(text)
    }

    fileprivate mutating func time() throws(JSONError) -> Int64 {
        guard let time = Timestamp.milliseconds(try string()) else {
            throw error(.invalid, "Must be a time as RFC 3339 writes it, such as 2026-12-01T00:00:00Z.")
        }
        return time
    }

    fileprivate mutating func grantID() throws(JSONError) -> String {
        let text = try string()
        guard (1...128).contains(text.utf8.count), text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw error(.invalid, "Must be 1 to 128 visible ASCII characters.")
        }
        return text
    }

    fileprivate mutating func dimensions() throws(JSONError) -> [Dimension: Identifier] {
        guard case .object(let fields) = try value() else { throw error(.invalid, "Must be an object of dimensions.") }
        var dimensions: [Dimension: Identifier] = [:]
        for (name, value) in fields {
            let place = pointer + JSONError.step(name)
            guard let dimension = Dimension(rawValue: name) else {
                throw JSONError(.unknownField, "There is no dimension \"\(name)\".", pointer: place)
            }
            guard let text = value.text, Identifier(text).isValid else {
                throw JSONError(.invalid, "Must be 1 to 256 bytes of UTF-8 without control characters.", pointer: place)
            }
            dimensions[dimension] = Identifier(text)
        }
        return dimensions
    }
}
