import BudgetModel

/// What tells one counter from another.
struct ReferenceCounterKey: Hashable {
    var name: Identifier
    var unit: AllowanceUnit
    var window: Window
    var zone: String
    var per: [Dimension]
    var values: [Identifier]
}

/// A second, plain account of reserve, commit, release, extend, record and expiry, for tests to hold the service against.
///
/// Everything happens in memory, one call after the other, at the time the caller says (milliseconds since 1970, never
/// going back). It shares only values of configuration with the product: policies, prices, identifiers.
struct ReferenceModel {
    static let largestAmount: Int64 = 9_007_199_254_740_991
    static let day: Int64 = 86_400_000

    /// May be replaced at any moment.
    var policy: Policy
    var assignments: [Identifier: ReferenceAssignment] = [:]
    /// How long the outcome of a committed reservation is known.
    var settledRetention: Int64 = 900_000
    /// How long the outcome of a released or expired reservation is known.
    var endedRetention: Int64 = day

    var counters: [ReferenceCounterKey: ReferenceCounter] = [:]
    var reservations: [Int: ReferenceReservation] = [:]
    var keys: [ReferenceIdempotencyKey: ReferenceKeyUse] = [:]
    var lastReservation = 0

    init(policy: Policy) { self.policy = policy }

    /// Every counter whose window is running at `now`.
    func counters(at now: Int64) -> [ReferenceCounterKey: (used: Int64, held: Int64, windowStart: Int64?)] {
        var found: [ReferenceCounterKey: (used: Int64, held: Int64, windowStart: Int64?)] = [:]
        for key in counters.keys {
            guard let counter = live(key, at: now) else { continue }
            found[key] = (counter.used, counter.held, counter.start)
        }
        return found
    }

    /// Ends every hold whose time has come. Every operation does this first.
    mutating func expire(at now: Int64) {
        for id in reservations.keys {
            guard let reservation = reservations[id], reservation.state == .open, reservation.expiresAt <= now else { continue }
            end(id, as: .expired, at: reservation.expiresAt)
        }
    }

    // MARK: Counters

    /// The counter as it is at `now`, drained; nil if there is none, its window is over, or it has been forgotten.
    func live(_ key: ReferenceCounterKey, at now: Int64) -> ReferenceCounter? {
        guard var counter = counters[key] else { return nil }
        if let end = counter.end, end <= now { return nil }
        switch key.window {
        case .refill(let period): counter.drain(period: period, until: now)
        case .lifetime:
            let forgotten = key.per.contains(.session) && counter.held == 0 && now - counter.touched >= 30 * Self.day
            if forgotten { return nil }
        default: break
        }
        return counter
    }

    /// The counter as it is, or would begin, at `now`.
    func present(_ key: ReferenceCounterKey, at now: Int64) -> ReferenceCounter {
        live(key, at: now) ?? .fresh(key, at: now)
    }

    func state(of line: ReferenceLine, at now: Int64) -> ReferenceState {
        let counter = present(line.key, at: now)
        return ReferenceState(
            name: line.allowance.name, unit: line.allowance.unit, limit: line.limit, used: counter.used, held: counter.held,
            remaining: max(0, line.limit - counter.used - counter.held), resetsAt: resetsAt(line, at: now))
    }

    private func resetsAt(_ line: ReferenceLine, at now: Int64) -> Int64? {
        let counter = present(line.key, at: now)
        switch line.allowance.window {
        case .minute, .hour, .day, .week, .month: return counter.end
        case .rolling: return live(line.key, at: now)?.end
        case .refill(let period):
            if counter.used == 0 { return now }
            return counter.time(toDrain: counter.used, limit: line.limit, period: period)
        case .lifetime, .none: return nil
        }
    }
}

/// One allowance as it applies to one attempt.
struct ReferenceLine {
    var allowance: Allowance
    var key: ReferenceCounterKey
    /// Without top-ups: what percentages are of.
    var base: Int64
    /// With top-ups.
    var limit: Int64
    var grace: Int64
    /// As it was when the attempt was planned.
    var counter: ReferenceCounter

    enum Level {
        case soft, limit, overdraft, grace
    }

    func bound(_ level: Level) -> Int64 {
        if allowance.shadow { return ReferenceModel.largestAmount }
        let bound =
            switch level {
            case .soft: allowance.softLimit.map { min(limit, share($0.parts)) } ?? limit
            case .limit: limit
            case .overdraft: limit + share(allowance.overdraft.parts)
            case .grace: limit + share(allowance.overdraft.parts + (allowance.unit == .inFlight ? 0 : grace))
            }
        return min(bound, ReferenceModel.largestAmount)
    }

    /// Percentages count in thousandths of a percent; a part of a unit is none.
    private func share(_ parts: Int64) -> Int64 { Int64(Int128(base) * Int128(parts) / 100_000) }
}

extension ReferenceModel {
    /// Tier of a caller: ops' word, then the request's, then the policy's.
    func tierName(_ caller: ReferenceCaller) throws(ReferenceRefusal) -> Identifier {
        let name = assignments[caller.user]?.tier ?? caller.tier ?? policy.defaultTier
        guard let name, policy.tiers[name] != nil else { throw .unknownTier }
        return name
    }

    /// The allowances that count for a caller and a catalogue model (nil: no model), in policy order.
    func lines(for caller: ReferenceCaller, model: Identifier?, at now: Int64) throws(ReferenceRefusal) -> [ReferenceLine] {
        let tier = try tierName(caller)
        func value(_ dimension: Dimension) -> Identifier? {
            switch dimension {
            case .user: caller.user
            case .feature: caller.feature
            case .tier: tier
            case .team: caller.team
            case .environment: caller.environment
            case .plan: caller.plan
            case .session: caller.session
            case .model: model
            }
        }
        var lines: [ReferenceLine] = []
        for allowance in policy.allowances + policy.tiers[tier]!.allowances {
            guard allowance.match.allSatisfy({ value($0.key) == $0.value }) else { continue }
            let values = allowance.per.compactMap(value)
            if values.count < allowance.per.count {
                if allowance.required { throw .missingDimension }
                continue
            }
            lines.append(line(allowance, values, caller.user, grace: policy.tiers[tier]!.protectedHours?.grace.parts ?? 0, now))
        }
        return lines
    }

    func line(_ allowance: Allowance, _ values: [Identifier], _ user: Identifier, grace: Int64, _ now: Int64)
        -> ReferenceLine
    {
        let key = ReferenceCounterKey(
            name: allowance.name, unit: allowance.unit, window: allowance.window, zone: allowance.timeZone,
            per: allowance.per, values: values)
        var line = ReferenceLine(
            allowance: allowance, key: key, base: allowance.limit, limit: allowance.limit, grace: grace,
            counter: present(key, at: now))
        guard allowance.per.contains(.user), let assignment = assignments[user] else { return line }
        line.base = assignment.limits[allowance.name] ?? allowance.limit
        // What has no window counts as one that starts now, as a rolling window not begun does.
        let windowStart = line.counter.start ?? now
        let topUps = assignment.grants.filter { grant in
            grant.allowance == allowance.name && windowStart < grant.before
                && grant.dimensions.allSatisfy { dimension, value in
                    zip(allowance.per, values).contains { $0 == dimension && $1 == value }
                }
        }
        line.limit = min(topUps.reduce(line.base) { $0 + $1.amount }, Self.largestAmount)
        return line
    }
}
