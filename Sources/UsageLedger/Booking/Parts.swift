import BudgetModel

/// Tokens of the kinds that are part of an event's input or output.
struct Parts: Hashable {
    var cached: Int64 = 0
    var cacheWrite: Int64 = 0
    var reasoning: Int64 = 0

    init() {}

    init(_ usage: Usage) {
        cached = usage.cachedInputTokens
        cacheWrite = usage.cacheWriteInputTokens
        reasoning = usage.reasoningTokens
    }

    static func - (a: Parts, b: Parts) -> Parts {
        var difference = a
        difference.cached -= b.cached
        difference.cacheWrite -= b.cacheWrite
        difference.reasoning -= b.reasoning
        return difference
    }
}

/// What each event adds to the parts. Usage of checkpoints and commits is cumulative, so the ledger remembers, for reservations with
/// checkpoints alone, how far it has come. An event older than what is remembered adds nothing: the newer one's usage has it in.
struct ReservationParts {
    private struct Name: Hashable {
        let user: Int64
        let reservation: [UInt8]
    }

    private struct State {
        var milliseconds: Int64
        var sequence: Int64
        var parts: Parts
    }

    private var states: [Name: State] = [:]
    private var changed: Set<Name> = []

    mutating func added(by event: LedgerEvent, _ numbers: EventNumbers, _ connection: any SQLConnection) throws -> Parts {
        let whole = event.added.input == event.usage.inputTokens && event.added.output == event.usage.outputTokens
        switch event.kind {
        case .record: return Parts(event.usage)
        // Nothing was booked before it, or nothing that had parts.
        case .commit where whole: return Parts(event.usage)
        case .commit, .checkpoint: break
        case .release, .expiry, .reset, .grant, .repair: return Parts()
        }
        let name = Name(user: numbers.user, reservation: numbers.reservation)
        let known = try states[name] ?? read(name, connection)
        if let known, (known.milliseconds, known.sequence) >= (event.id.milliseconds, event.id.sequence) { return Parts() }
        let now = Parts(event.usage)
        states[name] = State(milliseconds: event.id.milliseconds, sequence: event.id.sequence, parts: now)
        changed.insert(name)
        return now - (known?.parts ?? Parts())
    }

    private func read(_ name: Name, _ connection: any SQLConnection) throws -> State? {
        var found: State?
        let sql = """
            SELECT milliseconds, sequence, cached, cache_write, reasoning FROM reservation_parts WHERE user_id = ? AND reservation = ?
            """
        try connection.query(sql, [.integer(name.user), .bytes(name.reservation)]) { row in
            var parts = Parts()
            parts.cached = row.integer(2) ?? 0
            parts.cacheWrite = row.integer(3) ?? 0
            parts.reasoning = row.integer(4) ?? 0
            found = State(milliseconds: row.integer(0) ?? 0, sequence: row.integer(1) ?? 0, parts: parts)
        }
        return found
    }

    func write(_ connection: any SQLConnection) throws {
        let values = changed.flatMap { name -> [SQLValue] in
            guard let state = states[name] else { return [] }
            return [
                .integer(name.user), .bytes(name.reservation), .integer(state.milliseconds), .integer(state.sequence),
                .integer(state.parts.cached), .integer(state.parts.cacheWrite), .integer(state.parts.reasoning),
            ]
        }
        try Self.insert.write(values, on: connection)
    }

    private static let insert = BulkInsert(
        into: "reservation_parts", ["user_id", "reservation", "milliseconds", "sequence", "cached", "cache_write", "reasoning"],
        """
        ON CONFLICT (user_id, reservation) DO UPDATE SET milliseconds = excluded.milliseconds, sequence = excluded.sequence,
        cached = excluded.cached, cache_write = excluded.cache_write, reasoning = excluded.reasoning
        """)
}
