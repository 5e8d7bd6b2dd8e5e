import BudgetClient
import Foundation

/// Compares what the service shows for its users before and after a run with what the run booked.
///
/// `used` must have grown by exactly what was acknowledged as charged, and `held` be what it was. Not every counter can be
/// compared: a window that ended during the run took its figures with it, and a refill drains. Both betray themselves by
/// `resets_at`, which moves only for them. Shared allowances are not a user's own and do not appear here.
struct CounterAudit {
    private(set) var compared = 0
    private(set) var skipped = 0
    private(set) var mismatches = MismatchList()

    /// Counters of one name and unit, of one model or of all.
    private struct Group {
        var subject: String
        var before: [AllowanceReply]
        var after: [AllowanceReply]
        var entries: [UserBooks.Entry]

        /// Another tier's, at zero before the run and gone with it.
        var isUntouched: Bool {
            after.isEmpty && entries.isEmpty && before.allSatisfy { $0.used == 0 && $0.held == 0 }
        }
    }

    mutating func add(_ user: String, _ books: UserBooks, before: UserReply, after: UserReply) {
        for group in Self.groups(books, before.allowances, after.allowances) { compare(group, user) }
    }

    // MARK: Which figures belong together

    private struct Name: Hashable {
        var name: String
        var unit: String

        init(_ allowance: AllowanceReply) {
            name = allowance.name
            unit = allowance.unit
        }

        init(_ label: UserBooks.Label) {
            name = label.name
            unit = label.unit
        }
    }

    private static func groups(_ books: UserBooks, _ before: [AllowanceReply], _ after: [AllowanceReply]) -> [Group] {
        let before = Dictionary(grouping: before, by: Name.init)
        let after = Dictionary(grouping: after, by: Name.init)
        let entries = Dictionary(grouping: books.entries, by: { Name($0.key) })
        return Set(before.keys).union(after.keys).sorted { ($0.name, $0.unit) < ($1.name, $1.unit) }.flatMap { name in
            let booked = Dictionary(entries[name] ?? [], uniquingKeysWith: { first, _ in first })
            return split(name, before[name] ?? [], after[name] ?? [], booked)
        }
    }

    /// One group per model where the counters are kept per model, else one for all.
    private static func split(
        _ name: Name, _ before: [AllowanceReply], _ after: [AllowanceReply], _ booked: [UserBooks.Label: UserBooks.Entry]
    ) -> [Group] {
        let subject = "\(name.name) (\(name.unit))"
        let whole = Group(subject: subject, before: before, after: after, entries: Array(booked.values))
        let models = Set((before + after).map { $0.dimensions?["model"] })
        // An alias is booked under another name than the catalogue's: then only the sum over all models can be compared.
        guard !models.contains(nil), booked.keys.allSatisfy({ models.contains($0.model) }) else { return [whole] }
        return models.compactMap { $0 }.sorted().map { model in
            Group(
                subject: "\(subject) of \(model)", before: before.filter { $0.dimensions?["model"] == model },
                after: after.filter { $0.dimensions?["model"] == model },
                entries: booked.filter { $0.key.model == model }.map(\.value))
        }
    }

    // MARK: Whether they agree

    private mutating func compare(_ group: Group, _ user: String) {
        guard !group.isUntouched else { return }
        let isSteady = Self.isSteady(group)
        let held = (before: Self.sum(group.before, \.held), after: Self.sum(group.after, \.held))
        // Holds of a window that ended are no longer shown: only what began without any can be judged then.
        if isSteady || held.before == 0, held.after != held.before {
            mismatches.add(user, "\(group.subject) held", expected: "\(held.before)", actual: "\(held.after)")
        }
        let booked = group.entries.map(\.amount)
        guard isSteady, !booked.contains(nil) else { return skipped += 1 }
        compared += 1
        let expected = Self.sum(group.before, \.used) + booked.reduce(0) { $0 + ($1 ?? 0) }
        let used = Self.sum(group.after, \.used)
        if used != expected {
            mismatches.add(user, "\(group.subject) used", expected: "\(expected)", actual: "\(used)")
        }
    }

    /// Whether all that was ever seen of the counters is of one window.
    private static func isSteady(_ group: Group) -> Bool {
        var resets = group.entries.reduce(into: Set<String?>()) { $0.formUnion($1.resets) }
        for allowance in group.after { resets.insert(allowance.resetsAt) }
        // Before its first use a rolling window has no end yet.
        for allowance in group.before where allowance.resetsAt != nil || allowance.used != 0 || allowance.held != 0 {
            resets.insert(allowance.resetsAt)
        }
        return resets.count <= 1
    }

    private static func sum(_ allowances: [AllowanceReply], _ figure: KeyPath<AllowanceReply, Decimal>) -> Decimal {
        allowances.reduce(0) { $0 + $1[keyPath: figure] }
    }
}
