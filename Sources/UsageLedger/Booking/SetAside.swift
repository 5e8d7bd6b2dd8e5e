import BudgetModel

/// An entry that could not be booked: kept as it is, for people to look at.
struct SetAside: Sendable {
    let id: EventID
    let content: [UInt8]
    let reason: String

    init(_ id: EventID, _ content: [UInt8], _ reason: String) { (self.id, self.content, self.reason) = (id, content, reason) }
}

extension LedgerStore {
    /// Keeps entries that cannot be booked, each once: nothing leaves the streams that is nowhere else.
    func setAside(_ entries: [SetAside]) async throws {
        try await database.write { connection in
            for entry in entries {
                try connection.run(
                    """
                    INSERT INTO set_aside (stream, milliseconds, sequence, content, reason) VALUES (?, ?, ?, ?, ?)
                    ON CONFLICT (stream, milliseconds, sequence) DO NOTHING
                    """,
                    [
                        .integer(Int64(entry.id.partition)), .integer(entry.id.milliseconds), .integer(entry.id.sequence),
                        .bytes(entry.content), .text(entry.reason),
                    ])
            }
        }
    }
}
