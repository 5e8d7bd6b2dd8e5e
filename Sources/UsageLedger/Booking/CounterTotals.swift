package import BudgetModel

/// What a batch adds to the counters' totals.
struct CounterSums {
    private struct Place: Hashable {
        let windowStart: Int64
        let counter: Int64
        let user: Int64
    }

    private var sums: [Place: CounterSum] = [:]

    /// - Parameter user: the number of the counter's user, 0 for a shared one.
    mutating func add(_ movement: CounterMovement, counter: Int64, user: Int64, of event: LedgerEvent) {
        let place = Place(windowStart: movement.windowStart, counter: counter, user: user)
        sums[place, default: CounterSum(unit: movement.unit)].add(movement, of: event)
    }

    func write(_ connection: any SQLConnection) throws {
        let rows = sums.map { place, sum in
            [
                place.windowStart, place.counter, place.user, sum.amount, sum.changedAt, sum.sinceRest, sum.resumedAt, sum.takenAt,
            ]
        }
        let ordered = rows.sorted { $0.lexicographicallyPrecedes($1) }
        try Self.insert.write(ordered.flatMap { $0.map(SQLValue.integer) }, on: connection)
    }

    /// Whether it rested is told as ``CounterSum/add(_:of:)`` tells it: by when a batch first reserved from it.
    private static let insert: BulkInsert = {
        func later(_ column: String) -> String {
            "\(column) = CASE WHEN excluded.\(column) > t.\(column) THEN excluded.\(column) ELSE t.\(column) END"
        }
        let rested = "excluded.resumed_at >= t.taken_at + \(Allowance.sessionIdleTime)"
        return BulkInsert(
            into: "counter_totals AS t",
            ["window_start", "counter", "user_id", "amount", "changed_at", "since_rest", "resumed_at", "taken_at"],
            """
            ON CONFLICT (window_start, counter, user_id) DO UPDATE SET amount = t.amount + excluded.amount, \(later("changed_at")),
            since_rest = excluded.since_rest + CASE WHEN \(rested) THEN 0 ELSE t.since_rest END,
            resumed_at = CASE WHEN \(rested) THEN excluded.resumed_at ELSE t.resumed_at END, \(later("taken_at"))
            """)
    }()
}

/// Everything that events moved one counter by, in one of its windows.
package struct CounterTotal: Hashable, Sendable {
    package var counter: CounterName
    /// nil of a shared one.
    package var user: Identifier?
    /// Milliseconds; 0 for lifetime, refill and in_flight.
    package var windowStart: Int64
    /// In the counter's unit.
    package var amount: Int64
}

extension LedgerStore {
    /// Totals of the counters that moved at `since` or later, one after the other, in no particular order.
    /// - Parameters:
    ///   - since: milliseconds; 0 for all.
    ///   - user: only this user's; nil for everyone's and the shared ones'.
    package func counterTotals(since: Int64 = 0, user: Identifier? = nil) -> RowStream<CounterTotal> {
        RowStream(database) { connection, give in
            var sql = """
                SELECT c.name, u.name, t.window_start, t.amount FROM counter_totals t JOIN counters c ON c.id = t.counter
                LEFT JOIN users u ON u.id = t.user_id WHERE t.changed_at >= ?
                """
            var values: [SQLValue] = [.integer(since)]
            if let user {
                sql += " AND u.name = ?"
                values.append(.text(user.text))
            }
            try connection.query(sql, values) { row in
                guard let name = CounterName(row, column: 0) else { return }
                try give(
                    CounterTotal(
                        counter: name, user: row.text(1).map { Identifier($0) }, windowStart: row.integer(2) ?? 0,
                        amount: row.integer(3) ?? 0))
            }
        }
    }
}
