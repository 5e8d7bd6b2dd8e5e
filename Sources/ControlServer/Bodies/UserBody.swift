import BudgetHTTP
import BudgetModel

/// The body of `PUT /v1/users/{user}`: what is null is cleared, what is not there stays.
struct UserBody {
    private enum Field: String, CaseIterable, Sendable {
        case tier, frozen, limits, reason
    }
    private static let fields = FieldTable<Field>()

    let change: UserChange

    init(_ call: ControlCall) throws(Problem) {
        var change = UserChange()
        var reason: String?
        try call.read(Self.fields) { (reader, field) throws(JSONError) in
            switch field {
            case .tier: change.tier = try reader.tier()
            case .frozen: change.frozen = try reader.frozen()
            case .limits: change.limits = try reader.limits()
            case .reason: reason = try reader.string()
            }
        }
        _ = try call.reason(reason)
        self.change = change
    }
}

extension JSONReader {
    fileprivate mutating func tier() throws(JSONError) -> UserChange.Field<Identifier> {
        switch try value() {
        case .null: return .clear
        case .string(let text) where Identifier(text).isValid: return .set(Identifier(text))
        default: throw error(.invalid, "Must be a tier's name or null.")
        }
    }

    fileprivate mutating func frozen() throws(JSONError) -> UserChange.Field<Bool> {
        switch try value() {
        case .null: return .clear
        case .bool(let frozen): return .set(frozen)
        default: throw error(.invalid, "Must be true, false or null.")
        }
    }

    fileprivate mutating func limits() throws(JSONError) -> UserChange.Field<[Identifier: WrittenAmount?]> {
        switch try value() {
        case .null: return .clear
        case .object(let fields):
            var limits: [Identifier: WrittenAmount?] = [:]
            for (name, value) in fields {
                switch value {
                case .null: limits.updateValue(nil, forKey: Identifier(name))
                case .number(let text): limits.updateValue(WrittenAmount(text), forKey: Identifier(name))
                default:
                    throw JSONError(.invalid, "Must be a number or null.", pointer: pointer + JSONError.step(name))
                }
            }
            return .set(limits)
        default: throw error(.invalid, "Must be an object of limits by allowance, or null.")
        }
    }
}
