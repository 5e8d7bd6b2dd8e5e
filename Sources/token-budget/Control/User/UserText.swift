import BudgetClient
import CommandSupport
import Foundation

/// A user as ops read them.
enum UserText {
    static func blocks(_ state: UserStateReply) -> [String] {
        let limits = state.ownLimits.sorted { $0.key < $1.key }.map { "\($0.key) = \($0.value.text)" }
        let facts = TextTable(naming: [
            ("user", state.user),
            ("tier", tier(state)),
            ("frozen", state.frozen ? "yes: every request is rejected" : nil),
            ("own limits", limits.isEmpty ? nil : limits.joined(separator: ", ")),
        ])
        return [facts.text, allowances(state.allowances), grants(state)]
    }

    /// What a change has changed, a line each; then where the user stands.
    static func blocks(_ before: UserStateReply, _ after: UserStateReply) -> [String] {
        let changes = UserChanges.lines(before, after)
        let lines = changes.isEmpty ? ["Nothing changed."] : changes
        return [lines.map { TextTable.onOneLine("\(after.user): \($0)") }.joined(separator: "\n"), allowances(after.allowances)]
    }

    static func allowances(_ allowances: [AllowanceReply]) -> String {
        allowances.isEmpty ? "No allowance of their own." : TextTable(allowances).text
    }

    /// Units by allowance, for amounts that stand without theirs.
    static func units(_ allowances: [AllowanceReply]) -> [String: String] {
        Dictionary(allowances.map { ($0.name, $0.unit) }) { first, _ in first }
    }

    static func tier(_ state: UserStateReply) -> String {
        if let assigned = state.assignedTier { return "\(assigned) (assigned)" }
        return state.tier ?? TextTable.blank
    }

    private static func grants(_ state: UserStateReply) -> String {
        guard let grants = state.grants, !grants.isEmpty else { return "" }
        var table = TextTable(columns: [
            ("TOP-UP", .left), ("AMOUNT", .right), ("NOTE", .left), ("EXPIRES", .left), ("GRANTED", .left), ("BY", .left),
            ("GRANT", .left), ("REASON", .left),
        ])
        for grant in grants {
            let amount = state.amount(of: grant)
            table.add([
                TextTable.named(grant.allowance, grant.dimensions), amount.quantity, TextTable.orBlank(amount.objection),
                TextTable.orBlank(grant.expiresAt.map(TextTable.time)), TextTable.orBlank(grant.grantedAt.map(TextTable.time)),
                TextTable.orBlank(grant.actor), TextTable.orBlank(grant.grantID), TextTable.orBlank(grant.reason),
            ])
        }
        return table.withoutBlankColumns.text
    }
}

/// The differences between two states of a user that ops have made.
enum UserChanges {
    static func lines(_ before: UserStateReply, _ after: UserStateReply) -> [String] {
        var lines: [String] = []
        if UserText.tier(before) != UserText.tier(after) { lines.append("tier \(UserText.tier(before)) -> \(UserText.tier(after))") }
        if before.frozen != after.frozen { lines.append(after.frozen ? "frozen, every request is rejected" : "no longer frozen") }
        lines += limits(before, after)
        let (had, has) = (before.grants?.count ?? 0, after.grants?.count ?? 0)
        if had != has { lines.append("top-ups \(had) -> \(has)") }
        return lines
    }

    /// `own limit of daily-tokens: the tier's -> 80,000 tokens`
    private static func limits(_ before: UserStateReply, _ after: UserStateReply) -> [String] {
        let (old, new) = (before.ownLimits, after.ownLimits)
        return Set(old.keys).union(new.keys).sorted().compactMap { name in
            let (was, now) = (old[name]?.text ?? "the tier's", new[name]?.text ?? "the tier's")
            return was == now ? nil : "own limit of \(name): \(was) -> \(now)"
        }
    }
}
