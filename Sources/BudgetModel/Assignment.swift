/// What ops decided about one user: it lives in the user's own hash, and every decision is made under its latest revision.
package struct Assignment: Hashable, Sendable {
    /// Counts up with every change; "0" is a user nobody ever assigned anything.
    package var revision: String = Assignment.none
    package var tier: Identifier?
    package var frozen = false
    /// Own limits by allowance name, in the allowance's unit (microcents for `usd`). For allowances counted per user.
    package var limits: [Identifier: Int64] = [:]
    /// The unit each of `limits` was set in; one set before units were kept is in the allowance's.
    package var limitUnits: [Identifier: AllowanceUnit] = [:]
    package var topUps: [TopUp] = []
    package static let none = "0"
    /// Own limits of one user at most. Every decision reads them, and a stored object has at most ``JSONReader/maximumFields``.
    package static let maximumLimits = 128

    package init() {}

    /// The limit that stands in for the policy's, before top-ups.
    func base(of allowance: Allowance) -> Int64 {
        guard !limits.isEmpty, allowance.isPerUser else { return allowance.limit }
        return ownLimit(allowance.name, in: allowance.unit) ?? allowance.limit
    }

    /// The user's own limit of an allowance, if it was set in the unit: 5 dollars are not 500,000,000 tokens.
    package func ownLimit(_ name: Identifier, in unit: AllowanceUnit) -> Int64? {
        limitUnits[name] ?? unit == unit ? limits[name] : nil
    }

    /// Sets the user's own limit of an allowance, in its unit; nil is the policy's again.
    package mutating func setLimit(_ name: Identifier, _ limit: Int64?, in unit: AllowanceUnit? = nil) {
        limits[name] = limit
        limitUnits[name] = unit
    }

    /// The limit of one counter as people read it: the user's own or the policy's, and the top-ups that count now.
    /// - Parameter windowStart: when the counter's present window began, milliseconds since 1970.
    package func limit(of compiled: CompiledAllowance, _ counter: CounterKey, windowStart: Int64, now: Int64) -> Int64 {
        // As with most users: then the allowance need not be copied.
        if limits.isEmpty, topUps.isEmpty { return compiled.allowance.limit }
        let allowance = compiled.allowance
        var limit = base(of: allowance)
        if topUps.isEmpty { return limit }
        let values = Dictionary(
            zip(allowance.per.filter { $0 != .user }, counter.values).map { ($0, $1) }, uniquingKeysWith: { first, _ in first })
        for topUp in topUps where topUp.isFor(allowance) {
            let began = allowance.window.isCalendar || allowance.window.isRolling ? windowStart : now
            let fits = topUp.dimensions.allSatisfy { (values[$0.key] ?? allowance.match[$0.key]) == $0.value }
            if fits, began < topUp.before { limit = min(limit + topUp.amount, Amount.maximum) }
        }
        return limit
    }
}

/// Extra allowance that ops granted one user.
package struct TopUp: Hashable, Sendable {
    package var allowance: Identifier
    /// In the allowance's unit; microcents for `usd`.
    package var amount: Int64
    /// Raises the limit in every window that begins before this time, milliseconds since 1970; for allowances without such
    /// windows (`refill`, `in_flight`, `lifetime`) it holds until then.
    package var before: Int64
    /// Only for counters with these values.
    package var dimensions: [Dimension: Identifier]
    /// The allowance's when it was granted; nil for one written before units were kept.
    package var unit: AllowanceUnit?
    /// nil for one written before grants had names.
    package var grant: Grant?

    package init(
        allowance: Identifier, amount: Int64, before: Int64, dimensions: [Dimension: Identifier] = [:], unit: AllowanceUnit? = nil,
        grant: Grant? = nil
    ) {
        self.allowance = allowance
        self.amount = amount
        self.before = before
        self.dimensions = dimensions
        self.unit = unit
        self.grant = grant
    }

    /// Whether it raises this allowance: one that was granted in another unit raises nothing.
    func isFor(_ allowance: Allowance) -> Bool {
        allowance.isPerUser && self.allowance == allowance.name && unit ?? allowance.unit == allowance.unit
    }
}

/// Who granted a top-up, when and why, and what tells its repetition from another.
package struct Grant: Hashable, Sendable {
    package var id: String
    /// Milliseconds since 1970.
    package var grantedAt: Int64
    package var actor: String
    package var reason: String
    /// Of the request that made it: the same id with another request is a mistake.
    package var fingerprint: [UInt8]

    package init(id: String, grantedAt: Int64, actor: String, reason: String, fingerprint: [UInt8]) {
        self.id = id
        self.grantedAt = grantedAt
        self.actor = actor
        self.reason = reason
        self.fingerprint = fingerprint
    }
}
