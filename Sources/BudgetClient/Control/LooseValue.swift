package import Foundation

/// A JSON value that is shown, never interpreted: a part of an answer that may grow new forms.
package enum LooseValue: Decodable, Hashable, Sendable {
    case null
    case bool(Bool)
    case number(Decimal)
    case text(String)
    case list([LooseValue])
    case fields([String: LooseValue])

    package init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if value.decodeNil() {
            self = .null
        } else if let flag = try? value.decode(Bool.self) {
            self = .bool(flag)
        } else if let number = try? value.decode(Decimal.self) {
            self = .number(number)
        } else if let text = try? value.decode(String.self) {
            self = .text(text)
        } else if let list = try? value.decode([LooseValue].self) {
            self = .list(list)
        } else {
            self = .fields(try value.decode([String: LooseValue].self))
        }
    }

    /// As people read it: `user, feature`, `refill minute`, `days mon-fri, grace 10%`; fields in the order of their names.
    package var description: String {
        switch self {
        case .null: "-"
        case .bool(let flag): flag ? "yes" : "no"
        case .number(let number): number.description
        case .text(let text): text
        case .list(let items): items.map(\.description).joined(separator: ", ")
        case .fields(let fields):
            fields.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.description)" }.joined(separator: ", ")
        }
    }

    /// Whether it has nothing to say.
    package var isBlank: Bool {
        switch self {
        case .null: true
        case .list(let items): items.isEmpty
        case .fields(let fields): fields.isEmpty
        default: false
        }
    }

    /// The numbers in it by their way down from here: `input`, `batch.output`, `above.200000.input`.
    package var figures: [String: Decimal] {
        guard case .fields(let fields) = self else { return [:] }
        return fields.reduce(into: [:]) { figures, field in
            if case .number(let number) = field.value { figures[field.key] = number }
            for (name, number) in field.value.figures { figures["\(field.key).\(name)"] = number }
        }
    }
}
