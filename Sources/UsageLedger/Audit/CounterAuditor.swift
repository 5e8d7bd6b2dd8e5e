import BudgetModel
import BudgetStore

/// Walks counters and examines them, so many at a time. Only for the keeper, and while nothing is booked: ``LedgerDrainer`` sees to it.
struct CounterAuditor {
    let stores: BudgetStores
    let ledger: LedgerStore
    let policy: PolicySnapshot?
    /// This node, as the lease names it.
    let node: String
    let limits: LedgerLimits
    let auditedFrom: Int64

    // MARK: What there is to look at

    /// The next users that the ledger knows, and where those behind them begin; nil when there are no more.
    func bookedUsers(after number: Int64) async throws -> (users: [Identifier], last: Int64)? {
        let page = try await ledger.users(after: number, limit: limits.auditedUsers)
        return page.last.map { (page.map(\.user), $0.number) }
    }

    /// The next users that Redis has and that were not among the ledger's up to `number`, and the cursor of those behind them; 0 behind
    /// the last. Whoever is booked while an audit goes on is met here, and once.
    func strangers(from cursor: UInt64, upTo number: Int64) async throws -> (users: [Identifier], cursor: UInt64) {
        let step = try await stores.ask { $0.storedUsers(from: cursor, $1) }
        let known = try await ledger.known(step.users, upTo: number)
        return (Array(Set(step.users).subtracting(known)), step.cursor)
    }

    /// Users by what one script can look at.
    static func batches(_ users: [Identifier]) -> [[Identifier]] {
        Dictionary(grouping: users) { Keys.partition(of: $0) }.values.flatMap { users in
            stride(from: 0, to: users.count, by: 64).map { Array(users[$0..<min($0 + 64, users.count)]) }
        }
    }

    /// Shared counters that are listed in Redis or known to the ledger, by what one script can look at.
    func sharedBatches() async throws -> [[CounterKey]] {
        let listed: [CounterKey] = try await stores.ask { $0.storedSharedCounters($1) }
        let all = Array(Set(listed).union(try await ledger.sharedTotals().keys.map(\.counter)))
        return stride(from: 0, to: all.count, by: 1_000).map { Array(all[$0..<min($0 + 1_000, all.count)]) }
    }

    // MARK: Looking

    /// - Parameter users: of one partition.
    func examine(users: [Identifier], isRebuilding: Bool = false) async throws -> (CounterExamination, CounterSnapshot) {
        let snapshot: CounterSnapshot = try await stores.ask { $0.auditUsers(users, $1) }
        let sums = try await ledger.totals(of: users)
        let wanted = Set(users)
        let examination = CounterExamination(snapshot, sums, policy, auditedFrom: auditedFrom, isRebuilding: isRebuilding) { window in
            window.user.map(wanted.contains) ?? false
        }
        return (examination, snapshot)
    }

    func examine(shared counters: [CounterKey], isRebuilding: Bool = false) async throws -> (CounterExamination, CounterSnapshot) {
        let snapshot: CounterSnapshot = try await stores.ask { $0.auditShared(counters, $1) }
        let wanted = Set(counters)
        let sums = try await ledger.sharedTotals().filter { wanted.contains($0.key.counter) }
        let examination = CounterExamination(snapshot, sums, policy, auditedFrom: auditedFrom, isRebuilding: isRebuilding) { window in
            wanted.contains(window.counter)
        }
        return (examination, snapshot)
    }

    // MARK: Setting right

    /// One script for each user, and one for shared counters.
    /// - Parameter who: for the events that tell of it.
    /// - Returns: how many counters were set right.
    func correct(
        _ differences: [CounterDifference], _ who: Correcting?, assignments: [Identifier: AssignmentCopy] = [:]
    ) async throws -> Int {
        var groups = Dictionary(grouping: differences, by: \.window.user)
        for user in assignments.keys where groups[user] == nil { groups[user] = [] }
        return try await withThrowingTaskGroup(of: Int.self) { tasks in
            for (user, differences) in groups {
                let corrections = differences.map(\.correction)
                var who = who
                for difference in differences { who?.facts[difference.window.counter.name.text] = difference.sentence }
                tasks.addTask { [stores, node, who] in
                    let copy = user.flatMap { assignments[$0] }
                    let done: Int? = try await stores.ask {
                        $0.correct(corrections, of: user, by: node, who, assignment: copy, $1)
                    }
                    guard let done else { throw LedgerError.unreachable("another node has taken the ledger over") }
                    return done
                }
            }
            return try await tasks.reduce(0, +)
        }
    }
}

extension CounterDifference {
    /// For the event of a repair.
    fileprivate var sentence: String { "used \(used) -> \(ledger), held \(held) -> \(openHolds)" }
}
