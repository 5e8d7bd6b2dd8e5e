import BudgetModel
import CommandSupport
import Foundation

/// A change to the numbers of one allowance in a tier's section. Every other part stays as it is written: the order of fields,
/// and numbers to their last digit.
struct TierEdit {
    let allowance: String
    /// A decimal number as text; nil leaves the limit.
    var limit: String?
    /// A share such as `80%`; nil leaves it, an inner nil takes it away.
    var softLimit: String??
    var overdraft: String??

    struct Impossible: Error, CustomStringConvertible {
        let description: String
    }

    /// - Parameter section: JSON, as the service answers it.
    /// - Throws: ``Impossible`` when the tier has no such allowance; it names those there are.
    func applied(to section: Data, of tier: String) throws -> Data {
        guard let value = try? JSONValue(parsing: section), case .object(var fields) = value else {
            throw Impossible(description: "the service's answer about tier \(tier) cannot be read")
        }
        let place = fields.firstIndex { $0.key == "allowances" }
        guard let place, case .array(var allowances) = fields[place].value,
            let index = allowances.firstIndex(where: { $0["name"]?.text == allowance })
        else { throw noSuchAllowance(fields, tier) }
        allowances[index] = edited(allowances[index])
        fields[place].value = .array(allowances)
        return Data(JSONValue.object(fields).compactText.utf8)
    }

    private func edited(_ allowance: JSONValue) -> JSONValue {
        var allowance = allowance
        if let limit { allowance = allowance.with("limit", .number(limit)) }
        if let softLimit { allowance = allowance.with("soft_limit", softLimit.map { .string($0) }) }
        if let overdraft { allowance = allowance.with("overdraft", overdraft.map { .string($0) }) }
        return allowance
    }

    private func noSuchAllowance(_ fields: [(key: String, value: JSONValue)], _ tier: String) -> Impossible {
        var names: [String] = []
        if case .array(let allowances)? = JSONValue.object(fields)["allowances"] { names = allowances.compactMap { $0["name"]?.text } }
        let known = names.isEmpty ? "it has none of its own" : "it has \(names.joined(separator: ", "))"
        return Impossible(
            description: TextTable.onOneLine(
                "tier \(tier) has no allowance \"\(allowance)\"; \(known). Those that all tiers share are changed with `policy apply`.")
        )
    }
}

extension JSONValue {
    /// An object with a field replaced, added behind the others, or (nil) taken away.
    fileprivate func with(_ key: String, _ value: JSONValue?) -> JSONValue {
        guard case .object(var fields) = self else { return self }
        let place = fields.firstIndex { $0.key == key }
        switch (place, value) {
        case (let place?, let value?): fields[place].value = value
        case (let place?, nil): fields.remove(at: place)
        case (nil, let value?): fields.append((key, value))
        case (nil, nil): break
        }
        return .object(fields)
    }

    /// Compact JSON with numbers as they came.
    var compactText: String {
        func quoted(_ text: String) -> String {
            var json = JSONText()
            json.string(text)
            return json.string
        }
        return switch self {
        case .null: "null"
        case .bool(let value): value ? "true" : "false"
        case .number(let text): text
        case .string(let text): quoted(text)
        case .array(let items): "[" + items.map(\.compactText).joined(separator: ",") + "]"
        case .object(let fields): "{" + fields.map { quoted($0.key) + ":" + $0.value.compactText }.joined(separator: ",") + "}"
        }
    }
}
