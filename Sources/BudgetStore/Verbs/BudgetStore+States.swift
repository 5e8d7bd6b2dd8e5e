import BudgetModel

/// Counters as people read them, under the policy and the assignment of now.
extension BudgetStore {
    /// The state of every counter a reservation took from, as far as policy still knows it; nil when the assignment is damaged.
    func states(of report: HoldReport, user: Identifier) -> [AllowanceState]? {
        guard let assignment = learn(report.assignment, of: user) else { return nil }
        observe(storeTime: report.now)
        let tier = assignment.tier ?? report.hold.tier
        var states: [AllowanceState] = []
        states.reserveCapacity(report.counters.count)
        for (part, counter) in zip(report.hold.parts, report.counters) {
            if let key = part.counter, let state = state(key, counter, tier: tier, assignment, now: report.now) { states.append(state) }
        }
        return states
    }

    /// One counter's state in the present window: a counter whose window is over, or that is gone, shows zeros.
    func state(
        _ key: CounterKey, _ stored: CounterState?, tier: Identifier?, _ assignment: Assignment, now: Int64
    ) -> AllowanceState? {
        guard let compiled = snapshot?.compiled(key, tier: tier) else { return nil }
        let window = compiled.allowance.window
        var live = stored.flatMap { $0.isLive(window, now: now) ? $0.draining(to: now) : nil }
        let bounds = calendarWindow(of: compiled, at: now)
        let limit = assignment.limit(of: compiled, key, windowStart: live?.start ?? bounds?.start ?? now, now: now)
        // What has drained did so under the limit of then; from now on the present one drains.
        live?.drain?.limit = limit
        return AllowanceState(
            compiled, key, limit: limit, used: live?.used ?? 0, held: live?.held ?? 0,
            resetsAt: live?.resets(window, now: now) ?? (window.isRefill ? now : bounds?.end))
    }
}
