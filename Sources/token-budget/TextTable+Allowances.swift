import BudgetClient
import CommandSupport
import Foundation

extension TextTable {
    /// Allowances as people read them.
    init(_ allowances: [AllowanceReply]) {
        self.init([.left, .left, .right, .right, .right, .right, .left])
        add(["ALLOWANCE", "UNIT", "USED", "HELD", "REMAINING", "LIMIT", "RESETS"])
        for allowance in allowances {
            add(
                [Self.named(allowance.name, allowance.dimensions, isShadow: allowance.shadow == true), allowance.unit]
                    + [allowance.used, allowance.held, allowance.remaining, allowance.limit].map {
                        Self.amount($0, allowance.unit)
                    }
                    + [allowance.resetsAt.map(Self.time) ?? Self.blank])
        }
    }

    /// `chat-daily (feature chat)`
    static func named(_ name: String, _ dimensions: [String: String]?, isShadow: Bool = false) -> String {
        var notes = (dimensions ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        if isShadow { notes.append("shadow") }
        return notes.isEmpty ? name : "\(name) (\(notes.joined(separator: ", ")))"
    }

    /// `$5`, `20,000 tokens`; without a unit the bare number.
    static func quantity(_ value: Decimal, _ unit: String?) -> String {
        guard let unit else { return Words.grouped(value) }
        return unit == "usd" ? dollars(value) : "\(Words.grouped(value)) \(unit)"
    }

    static func amount(_ value: Decimal, _ unit: String) -> String {
        unit == "usd" ? dollars(value) : Words.grouped(value)
    }

    /// `$5`, `$2.50`, `$0.00875`: every digit, and no lone one behind the dot.
    static func dollars(_ value: Decimal) -> String {
        let text = "$" + Words.grouped(value)
        return text.suffix(2).first == "." ? text + "0" : text
    }

    /// `2,000 tokens, $0.005`
    static func charge(_ charge: ChargeReply) -> String {
        "\(Words.grouped(Decimal(charge.tokens))) tokens, \(charge.cost.map(dollars) ?? "no price")"
    }

    /// `2026-11-21T05:00:00.250Z` -> `2026-11-21 05:00:00 UTC`; anything else stays as it is.
    static func time(_ text: String) -> String {
        guard text.hasSuffix("Z"), let day = text.firstIndex(of: "T") else { return text }
        let clock = text[text.index(after: day)...].dropLast().prefix { $0 != "." }
        return "\(text[..<day]) \(clock) UTC"
    }
}
