package import BudgetModel
package import BudgetStore

/// A counter that is not what the ledger and the open holds say.
package struct CounterDifference: Hashable, Sendable {
    package var window: CounterWindow
    package var unit: AllowanceUnit
    /// As Redis has it; nothing where Redis has no such counter.
    package var used: Int64
    package var held: Int64
    /// The sum of its events; what is used itself, of a counter whose use is not compared.
    package var ledger: Int64
    /// The sum of what open reservations hold.
    package var openHolds: Int64
    /// What would set it right.
    package var correction: CounterCorrection
}

/// Counters as Redis has them, held against the sums of their events at the same moment: what the ledger has booked, and what waits.
struct CounterExamination {
    private let snapshot: CounterSnapshot
    private let policy: PolicySnapshot?
    private let auditedFrom: Int64
    private let isRebuilding: Bool
    private var sums: [CounterWindow: CounterSum]
    private(set) var counters = 0
    /// Counters whose use cannot be compared, and is not what events say.
    private(set) var unknown = 0
    /// Counters that drain: only what is held is compared.
    private(set) var refills = 0
    private(set) var differences: [CounterDifference] = []
    /// The largest time that scripts write.
    private static let never: Int64 = (1 << 48) - 1

    /// - Parameters:
    ///   - concerns: whether a counter is one of those examined; what others' holds and events do is passed over.
    ///   - sums: what is booked of those examined.
    ///   - policy: knows when windows end; nil: only counters that are there are examined.
    ///   - isRebuilding: refills that are gone come back.
    init(
        _ snapshot: CounterSnapshot, _ sums: [CounterWindow: CounterSum], _ policy: PolicySnapshot?, auditedFrom: Int64,
        isRebuilding: Bool = false, concerns: (CounterWindow) -> Bool
    ) {
        self.snapshot = snapshot
        self.policy = policy
        self.auditedFrom = auditedFrom
        self.isRebuilding = isRebuilding
        self.sums = sums
        addWaiting(concerns)
        let held = snapshot.held.keys.filter(concerns)
        for window in Set(snapshot.counters.keys).union(self.sums.keys).union(held) {
            if let counter = snapshot.counters[window] { compare(window, counter) } else { miss(window) }
        }
        differences.sort { $0.window.isBefore($1.window) }
    }

    private mutating func addWaiting(_ concerns: (CounterWindow) -> Bool) {
        for entry in snapshot.waiting {
            switch entry.content {
            case .erasure(let user): sums = sums.filter { $0.key.user != user }
            case .event(let event):
                for movement in event.counters {
                    let window = CounterWindow(movement.counter, of: movement.user, start: movement.windowStart)
                    guard concerns(window) else { continue }
                    sums[window, default: CounterSum(unit: movement.unit)].add(movement, of: event)
                }
            case .assignment, .unreadable: break
            }
        }
    }

    // MARK: A counter that is there

    private mutating func compare(_ window: CounterWindow, _ counter: CounterState) {
        counters += 1
        let ledger = max(sums[window]?.amount ?? 0, 0)
        let allowance = policy?.allowance(of: window.counter, tier: nil)
        var wanted = ledger
        if counter.drain != nil {
            refills += 1
            wanted = counter.used
            if isRebuilding, let level = allowance.flatMap({ refill(window, $0) })?.draining(to: snapshot.time).used {
                wanted = counter.used + max(level - counter.draining(to: snapshot.time).used, 0)
            }
        } else if beganEarlier(window) {
            wanted = counter.used
            if wanted != ledger { unknown += 1 }
        } else if let sum = sums[window], sum.hasRested, allowance == nil || allowance?.idleTime != nil {
            wanted = min(max(counter.used, sum.leastUsed), ledger)
            if wanted == counter.used, wanted != ledger, wanted != sum.leastUsed { unknown += 1 }
        }
        let held = snapshot.held[window] ?? 0
        guard wanted != counter.used || held != counter.held, let unit = sums[window]?.unit ?? allowance?.unit else { return }
        differences.append(
            CounterDifference(
                window: window, unit: unit, used: counter.used, held: counter.held, ledger: wanted, openHolds: held,
                correction: CounterCorrection(
                    window.counter, unit, windowStart: counter.drain == nil ? window.start : 0, used: wanted - counter.used,
                    held: held - counter.held, missing: nil)))
    }

    /// A window that began before the ledger did lacks events.
    private func beganEarlier(_ window: CounterWindow) -> Bool { auditedFrom > 0 && window.start <= auditedFrom }

    // MARK: A counter that is not there

    private mutating func miss(_ window: CounterWindow) {
        let held = snapshot.held[window] ?? 0
        guard let allowance = policy?.allowance(of: window.counter, tier: nil), let missing = restored(window, allowance) else {
            return
        }
        guard missing.used > 0 || held > 0 else { return }
        counters += 1
        differences.append(
            CounterDifference(
                window: window, unit: allowance.unit, used: 0, held: 0, ledger: missing.used, openHolds: held,
                correction: CounterCorrection(
                    window.counter, allowance.unit, windowStart: window.start, used: missing.used, held: held,
                    missing: missing.holding(held))))
    }

    /// The counter as it has to be; nil when its window is over, and it may well be gone.
    private func restored(_ window: CounterWindow, _ allowance: Allowance) -> CounterState? {
        let sum = sums[window]
        var used = max(sum?.amount ?? 0, 0)
        switch allowance.window {
        case .minute, .hour, .day, .week, .month:
            let bounds = ZoneClock(allowance.timeZone)?.bounds(of: allowance.window, at: snapshot.time)
            guard let bounds, bounds.start == window.start else { return nil }
            return CounterState(start: bounds.start, finish: bounds.end, used: used)
        case .rolling(let length):
            guard snapshot.time < window.start + length else { return nil }
            return CounterState(start: window.start, finish: window.start + length, used: used)
        case .lifetime:
            let finish = allowance.idleTime.map { (sum?.changedAt ?? snapshot.time) + $0 } ?? Self.never
            guard snapshot.time < finish else { return nil }
            // One that was forgotten, and began anew when the ledger says so.
            if let sum, allowance.idleTime != nil, sum.resumedAt > 0 { used = sum.leastUsed }
            return CounterState(start: 0, finish: finish, used: used)
        case .refill: return isRebuilding ? refill(window, allowance) : nil
        case .none: return CounterState(start: 0, finish: Self.never, used: 0)
        }
    }

    /// What a refill counter can have had at most: full use at its last event, drained since then. Never more budget than it had, up
    /// to what it was over its limit.
    private func refill(_ window: CounterWindow, _ allowance: Allowance) -> CounterState? {
        guard case .refill(let period) = allowance.window, let sum = sums[window] else { return nil }
        let rate = RefillRate(milliseconds: period)
        let start = sum.changedAt - sum.changedAt % rate.step
        let counter = CounterState(
            start: start, finish: 0, used: min(max(sum.amount, 0), allowance.limit), drain: (allowance.limit, rate)
        ).draining(to: snapshot.time)
        return counter.used > 0 ? counter : nil
    }
}

extension CounterState {
    fileprivate func holding(_ amount: Int64) -> CounterState {
        var counter = self
        counter.held = amount
        return counter
    }
}

extension CounterWindow {
    /// An order for lists: by user, allowance, values, window; shared ones first.
    func isBefore(_ other: CounterWindow) -> Bool { order.lexicographicallyPrecedes(other.order) }

    private var order: [String] {
        [user?.text ?? "", counter.name.text] + counter.values.map(\.text) + [counter.identity, String(start)]
    }
}
