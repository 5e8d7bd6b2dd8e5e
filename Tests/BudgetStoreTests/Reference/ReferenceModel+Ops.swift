import BudgetModel

/// What ops decide about one user.
extension ReferenceModel {
    /// - Parameter tier: nil leaves it, `.some(nil)` clears it.
    /// - Parameter limits: nil leaves them all; a limit of nil clears that one.
    mutating func assign(
        _ user: Identifier, tier: Identifier??, frozen: Bool?, limits: [Identifier: Int64?]?, at now: Int64
    ) throws(ReferenceRefusal) {
        expire(at: now)
        var assignment = assignments[user] ?? ReferenceAssignment()
        if case .some(let tier) = tier {
            if let tier, policy.tiers[tier] == nil { throw .unknownTier }
            assignment.tier = tier
        }
        if let frozen { assignment.frozen = frozen }
        for (name, limit) in limits ?? [:] {
            if limit == nil, assignment.limits.removeValue(forKey: name) != nil { continue }
            if perUser(name).isEmpty { throw .unknownAllowance }
            if let limit { assignment.limits[name] = limit }
        }
        change(user, to: assignment, at: now)
    }

    mutating func unassign(_ user: Identifier, at now: Int64) {
        expire(at: now)
        change(user, to: ReferenceAssignment(), at: now)
    }

    /// Until when windows begin that get it, and whether it was granted before.
    mutating func grant(
        _ asked: ReferenceGrantRequest, to user: Identifier, at now: Int64
    ) throws(ReferenceRefusal) -> (before: Int64, replayed: Bool) {
        expire(at: now)
        var assignment = assignments[user] ?? ReferenceAssignment()
        if let known = assignment.grants.first(where: { $0.asked?.id == asked.id }) {
            guard known.asked == asked else { throw .grantIDReused }
            return (known.before, true)
        }
        guard let allowance = perUser(asked.allowance).first else { throw .unknownAllowance }
        // A request of the granted values must pass the allowance's match, in one tier at least.
        for (dimension, value) in asked.dimensions
        where !perUser(asked.allowance).contains(where: { [nil, value].contains($0.match[dimension]) }) {
            throw .neverCounted
        }
        guard let before = asked.expiresAt ?? presentEnd(allowance, asked.dimensions, user, at: now), before > now else {
            throw .invalidField
        }
        assignment.grants.append(
            ReferenceGrant(
                allowance: asked.allowance, amount: asked.amount, before: before, dimensions: asked.dimensions, asked: asked))
        change(user, to: assignment, at: now)
        return (before, false)
    }

    /// Forgets what a user has used of an allowance; what was used of each counter that had any.
    mutating func reset(_ name: Identifier, of user: Identifier, at now: Int64) throws(ReferenceRefusal) -> [Int64] {
        expire(at: now)
        if perUser(name).isEmpty { throw .unknownAllowance }
        var used: [Int64] = []
        for key in counters.keys where key.name == name && owner(key) == user && isInPolicy(key) {
            guard var counter = live(key, at: now) else { continue }
            if counter.used > 0 { used.append(counter.used) }
            counter.used = 0
            counter.drained = 0
            counters[key] = counter
        }
        return used.sorted()
    }

    // MARK: What it is about

    private func perUser(_ name: Identifier) -> [Allowance] {
        let ofTiers = policy.tiers.sorted { $0.key.text < $1.key.text }.flatMap(\.value.allowances)
        return (policy.allowances + ofTiers).filter { $0.name == name && $0.per.contains(.user) }
    }

    private func owner(_ key: ReferenceCounterKey) -> Identifier? { key.per.firstIndex(of: .user).map { key.values[$0] } }

    private func isInPolicy(_ key: ReferenceCounterKey) -> Bool {
        perUser(key.name).contains {
            $0.unit == key.unit && $0.window == key.window && $0.timeZone == key.zone && $0.per == key.per
        }
    }

    private func presentEnd(
        _ allowance: Allowance, _ dimensions: [Dimension: Identifier], _ user: Identifier, at now: Int64
    ) -> Int64? {
        switch allowance.window {
        case .minute, .hour, .day, .week, .month:
            return ReferenceCalendar.bounds(of: allowance.window, zone: allowance.timeZone, at: now).end
        case .rolling(let length):
            let running = counters.keys.filter { key in
                key.name == allowance.name && owner(key) == user && key.window == allowance.window && key.unit == allowance.unit
                    && key.per == allowance.per
                    && dimensions.allSatisfy { wanted in zip(key.per, key.values).contains { $0 == wanted.key && $1 == wanted.value } }
            }
            return running.compactMap { live($0, at: now)?.end }.min() ?? now + length
        case .refill, .lifetime, .none: return nil
        }
    }

    // MARK: How long grants are remembered

    /// A change forgets grants that have been over for a day.
    private mutating func change(_ user: Identifier, to assignment: ReferenceAssignment, at now: Int64) {
        guard assignment != assignments[user] ?? ReferenceAssignment() else { return }
        var remembered = assignment
        remembered.grants = assignment.grants.filter { lastEffect($0) > now - Self.day }
        assignments[user] = remembered
    }

    private func lastEffect(_ grant: ReferenceGrant) -> Int64 {
        perUser(grant.allowance).map { allowance in
            switch allowance.window {
            case .minute, .hour, .day, .week, .month:
                ReferenceCalendar.bounds(of: allowance.window, zone: allowance.timeZone, at: grant.before - 1).end
            case .rolling(let length): grant.before + length
            case .refill, .lifetime, .none: grant.before
            }
        }.max() ?? grant.before
    }
}
