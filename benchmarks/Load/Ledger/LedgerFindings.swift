import BudgetClient
import Foundation

/// Whether the service's counters are what the run's own books say.
struct LedgerFindings: Encodable, Hashable, Sendable {
    struct Mismatch: Encodable, Hashable, Sendable {
        var user: String
        var allowance: String
        var figure: String
        var expected: String
        var found: String
    }

    /// Users whose counters were read.
    var users = 0
    /// Users with a call whose effect is unknown, or with a hold that may or may not have ended.
    var usersUnknown = 0
    /// Users whose counters could not be read.
    var usersUnread = 0
    /// Counters compared, each with `used` and `held`.
    private(set) var compared = 0
    /// Counters of tokens that cannot be compared: they drain, began anew, or count only some of a user's requests.
    private(set) var skipped = 0
    private(set) var mismatches = 0
    /// The first of them.
    private(set) var examples: [Mismatch] = []

    /// - Parameters:
    ///   - used: tokens of the user's commits.
    ///   - held: tokens of the user's open holds.
    ///   - steady: allowances that count every request of the user and whose window did not change, with its end.
    mutating func compare(_ user: String, used: Int64, held: Int64, _ counters: [AllowanceReply], steady: [String: String]) {
        users += 1
        var missing = Set(steady.keys)
        for counter in counters where counter.unit == LedgerCheck.unit {
            guard counter.dimensions == nil, let end = steady[counter.name], counter.resetsAt == end else {
                if counter.dimensions == nil { missing.remove(counter.name) }
                skipped += 1
                continue
            }
            missing.remove(counter.name)
            compared += 1
            judge(user, counter.name, "used", expected: Decimal(used), found: counter.used)
            judge(user, counter.name, "held", expected: Decimal(held), found: counter.held)
        }
        for name in missing.sorted() {
            compared += 1
            add(Mismatch(user: user, allowance: name, figure: "counter", expected: "there", found: "missing"))
        }
    }

    private mutating func judge(_ user: String, _ name: String, _ figure: String, expected: Decimal, found: Decimal) {
        guard expected != found else { return }
        add(Mismatch(user: user, allowance: name, figure: figure, expected: "\(expected)", found: "\(found)"))
    }

    private mutating func add(_ mismatch: Mismatch) {
        mismatches += 1
        if examples.count < LoadLimits.shownMismatches { examples.append(mismatch) }
    }
}
