import BudgetClient
import CommandSupport

/// Differences between two versions of a document, as people read them.
enum ChangeText {
    /// A line for each, marked `+`, `-` or `~`, and what it means below it.
    static func text(_ changes: [ChangeReply]) -> String {
        changes.flatMap { change in
            [mark(change) + " " + sentence(change)] + (change.effect.map { ["    " + $0] } ?? [])
        }.map(TextTable.onOneLine).joined(separator: "\n")
    }

    /// What became of a document that was to be stored, and how it differs from the one before.
    static func blocks(_ stored: StoredReply, _ what: String) -> [String] {
        let differences = [
            stored.changes.isEmpty ? "no difference" : text(stored.changes),
            notes(stored),
        ]
        if stored.dryRun == true { return differences + ["dry run: nothing was stored"] }
        if let old = stored.rolledBackTo, old == stored.version {
            return ["version \(old) of the \(what == "price" ? "prices" : what) is the latest already: nothing was stored"]
        }
        var first = stored.version.map { "\(what) version \($0)" } ?? "\(what) stored"
        if let old = stored.rolledBackTo { first += ", the same as version \(old)" }
        if let time = stored.effectiveFrom { first += ", from \(TextTable.time(time))" }
        return [TextTable.onOneLine(first)] + differences
    }

    /// What to know of the new document besides its differences; empty when there is nothing.
    static func notes(_ stored: StoredReply) -> String {
        let lost = stored.commentsLost == true ? ["a comment of the policy does not survive this edit"] : []
        let lines = (lost + (stored.warnings ?? []).map { "warning: \($0)" }).map(TextTable.onOneLine)
        return (lines + [cancelled(stored.supersedes)]).filter { !$0.isEmpty }.joined(separator: "\n")
    }

    /// A line for each scheduled version of the prices that never comes into force now, and how to have it all the same; empty
    /// without any.
    static func cancelled(_ scheduled: [ScheduledReply]?) -> String {
        guard let scheduled, !scheduled.isEmpty else { return "" }
        let lines = scheduled.flatMap { version in
            [
                "takes the place of version \(version.version), due \(version.effectiveFrom)",
                "    to have that one then all the same: token-budget prices rollback \(version.version) "
                    + "--effective-from \(version.effectiveFrom)",
            ]
        }
        return lines.map(TextTable.onOneLine).joined(separator: "\n")
    }

    private static func mark(_ change: ChangeReply) -> String {
        switch change.kind {
        case "added": "+"
        case "removed": "-"
        default: "~"
        }
    }

    private static func sentence(_ change: ChangeReply) -> String {
        if let text = change.text { return text }
        return switch (change.from, change.to) {
        case (let from?, let to?): "\(change.path): \(from) -> \(to)"
        case (nil, let to?): "\(change.path): \(to)"
        case (let from?, nil): "\(change.path): was \(from)"
        case (nil, nil): change.path
        }
    }
}
