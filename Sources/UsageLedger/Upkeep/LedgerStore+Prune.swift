import BudgetModel
import Synchronization

/// How long the ledger keeps what. Sums by quarter, day and user are kept for good.
package struct Retention: Hashable, Sendable {
    /// Days of raw rows; at least ``minimumDays``, for an event that comes again must meet its row.
    package var days: Int = 90
    package static let minimumDays = 7
    /// How long after its last change the total of a counter is kept whose window ends: longer than the longest.
    static let counterDays: Int64 = 400
    /// How long after its last checkpoint a reservation is remembered: two days unless it was extended, which may go on.
    static let reservationDays: Int64 = 30

    package init() {}
}

extension LedgerStore {
    /// Removes what is past its retention, in steps small enough that nobody waits.
    /// - Parameters:
    ///   - now: milliseconds.
    ///   - steps: how many of each table, at most.
    /// - Returns: how many raw rows were removed.
    @discardableResult
    package func prune(_ retention: Retention = Retention(), now: Int64, steps: Int = .max) async throws -> Int {
        let day: Int64 = 86_400_000
        let cutoff = now - Int64(max(retention.days, Retention.minimumDays)) * day
        try await announce(rawSince: cutoff)
        let removed = try await prune("events", "milliseconds, stream, sequence", where: "milliseconds < ?", cutoff, steps)
        _ = try await prune(
            "interim_bookings", "user_id, reservation", where: "milliseconds < ?", now - Retention.reservationDays * day,
            steps)
        _ = try await prune(
            // Those of windows that never end are needed for as long as there are counters.
            "counter_totals", "window_start, counter, user_id", where: "window_start > 0 AND changed_at < ?",
            now - Retention.counterDays * day, steps)
        try await pruneNames(steps)
        return removed
    }

    /// Said before anything is removed: a report never takes half for the whole.
    private func announce(rawSince: Int64) async throws {
        try await database.write { connection in
            let known = try Meta.rawSince.read(connection).flatMap { Int64($0) } ?? 0
            if rawSince > known { try Meta.rawSince.write(String(rawSince), connection) }
        }
    }

    /// Rows that one transaction looks at.
    private static let step = 2_000

    /// - Parameter condition: with one `?`, for `bound`.
    /// - Returns: how many rows were removed.
    func prune(
        _ table: String, _ key: String, where condition: String, _ bound: Int64, _ steps: Int = .max
    ) async throws -> Int {
        let sql = """
            DELETE FROM \(table) WHERE (\(key)) IN (SELECT \(key) FROM \(table) WHERE \(condition) LIMIT \(Self.step))
            RETURNING 1
            """
        var removed = 0
        for _ in 0..<steps {
            let count = try await database.write { connection in
                var count = 0
                try connection.query(sql, [.integer(bound)]) { _ in count += 1 }
                return count
            }
            removed += count
            if count < Self.step { break }
        }
        return removed
    }

    // MARK: Names

    /// Removes counters' names that no total has any more: of sessions, of teams that are gone. Each step looks at some names, in the
    /// order of their numbers, and goes on where the last one ended; behind the last name it is begun anew.
    private func pruneNames(_ steps: Int) async throws {
        for _ in 0..<steps {
            let number = namesWalked.withLock { $0 }
            let last = try await database.write { try removeNames(after: number, Self.step, $0) }
            namesWalked.withLock { $0 = last ?? 0 }
            if last == nil { return }
        }
    }
}

/// - Returns: the last number looked at; nil when there is none behind `number`.
private func removeNames(after number: Int64, _ count: Int, _ connection: any SQLConnection) throws -> Int64? {
    let page = "SELECT MAX(id) FROM (SELECT id FROM counters WHERE id > ? ORDER BY id LIMIT \(count)) page"
    guard let last = try connection.integer(page, [.integer(number)]) else { return nil }
    let sql = """
        DELETE FROM counters WHERE id > ? AND id <= ?
        AND NOT EXISTS (SELECT 1 FROM counter_totals t WHERE t.counter = counters.id) RETURNING 1
        """
    var removed = 0
    try connection.query(sql, [.integer(number), .integer(last)]) { _ in removed += 1 }
    // Whoever remembers numbers of names, here or on another node, has to look them up anew: one may come to be another's.
    if removed > 0 { try Meta.names.write(String((Int64(try Meta.names.read(connection) ?? "") ?? 0) + 1), connection) }
    return last
}
