package import BudgetModel

/// How far each partition is booked: the id of its last event. Redis' streams know the last id they ever gave; one that is lower
/// than the ledger's has lost events.
enum Marks {
    private static let insert = BulkInsert(
        into: "marks", ["stream", "milliseconds", "sequence"],
        """
        ON CONFLICT (stream) DO UPDATE SET milliseconds = excluded.milliseconds, sequence = excluded.sequence
        WHERE excluded.milliseconds > marks.milliseconds
        OR (excluded.milliseconds = marks.milliseconds AND excluded.sequence > marks.sequence)
        """)

    static func write(_ ids: [EventID], _ connection: any SQLConnection) throws {
        let last = ids.latest.values.sorted { $0.partition < $1.partition }
        try insert.write(
            last.flatMap { [.integer(Int64($0.partition)), .integer($0.milliseconds), .integer($0.sequence)] }, on: connection)
    }
}

extension LedgerStore {
    /// The last event booked of each partition that has any.
    package func marks() async throws -> [EventID] {
        try await database.read { connection in
            var marks: [EventID] = []
            try connection.query("SELECT stream, milliseconds, sequence FROM marks", []) { row in
                marks.append(
                    EventID(partition: Int(row.integer(0) ?? 0), milliseconds: row.integer(1) ?? 0, sequence: row.integer(2) ?? 0))
            }
            return marks
        }
    }
}

extension Sequence<EventID> {
    /// The latest of each partition.
    var latest: [Int: EventID] {
        reduce(into: [:]) { latest, id in
            if latest[id.partition]?.isBefore(id) ?? true { latest[id.partition] = id }
        }
    }
}

extension EventID {
    /// Whether this one of the same partition was written earlier.
    func isBefore(_ other: EventID) -> Bool { (milliseconds, sequence) < (other.milliseconds, other.sequence) }
}
