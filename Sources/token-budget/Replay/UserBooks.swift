import BudgetClient
import CommandSupport
import Foundation

/// What was sent for one user and acknowledged as charged, per counter; and when that cannot be known, why.
struct UserBooks: Sendable {
    /// A counter as answers name it. The model is the one held: a counter may be kept per model.
    struct Label: Hashable, Sendable {
        var name: String
        var unit: String
        var model: String
    }

    struct Entry: Sendable {
        /// In the unit; dollars for `usd`. nil for a unit this program does not know.
        var amount: Decimal? = 0
        /// Every `resets_at` seen. More than one: the window rolled, or the counter drains.
        var resets: Set<String?> = []
    }

    private(set) var entries: [Label: Entry] = [:]
    /// Why the counters can be anything.
    private(set) var unknown: String?

    mutating func lose(track reason: String) {
        if unknown == nil { unknown = reason }
    }

    /// An answer showed these counters.
    mutating func sight(_ allowances: [AllowanceReply], model: String) {
        for allowance in allowances {
            let label = Label(name: allowance.name, unit: allowance.unit, model: model)
            // Two tell everything: further ones need no room.
            if entries[label]?.resets.count ?? 0 < 2 { entries[label, default: Entry()].resets.insert(allowance.resetsAt) }
        }
    }

    /// A commit was acknowledged.
    /// - Parameter held: the allowances its reserve named, those that apply to the model held.
    mutating func book(_ held: [AllowanceReply], model: String, _ row: TraceRow, cost: Decimal?) {
        for allowance in held {
            let label = Label(name: allowance.name, unit: allowance.unit, model: model)
            let amount = Self.amount(in: allowance.unit, row, cost)
            entries[label, default: Entry()].add(amount)
        }
    }

    private static func amount(in unit: String, _ row: TraceRow, _ cost: Decimal?) -> Decimal? {
        switch unit {
        case "tokens": Decimal(row.tokens)
        case "input_tokens": Decimal(row.inputTokens)
        case "output_tokens": Decimal(row.outputTokens)
        case "usd": cost
        case "requests": 1
        case "in_flight": 0
        default: nil
        }
    }
}

extension UserBooks.Entry {
    fileprivate mutating func add(_ more: Decimal?) {
        guard let sum = amount, let more else { return amount = nil }
        amount = sum + more
    }
}
