import BudgetModel

/// Instants of tests, milliseconds.
enum Times {
    /// 2026-11-20T12:00:00Z
    static let noon: Int64 = 1_795_176_000_000
    static let minute: Int64 = 60_000
    static let hour: Int64 = 3_600_000
    static let day: Int64 = 86_400_000
}

extension LedgerEvent {
    /// A commit on time of a reserve a second before, without anything special about it.
    static func commit(
        _ sequence: Int64, user: Identifier = "u", model: Identifier = "gpt-4o", at time: Int64 = Times.noon, input: Int64 = 1_000,
        output: Int64 = 200, cost: Int64? = 450_000
    ) -> LedgerEvent {
        var event = LedgerEvent(
            id: EventID(partition: 3, milliseconds: time + 1_000, sequence: sequence), kind: .commit, settledAt: time + 1_000,
            reservedAt: time, attribution: Attribution(user: user))
        event.reservation = "\(user):\(sequence)"
        event.model = model
        event.modelAsked = model
        event.modelGiven = model
        event.decision = .allow
        event.usage = Usage(inputTokens: input, outputTokens: output)
        event.cost = cost
        event.added = Movement(input: input, output: output, cost: cost ?? 0, requests: 1)
        return event
    }
}
