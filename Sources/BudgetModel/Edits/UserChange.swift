/// What ops change about a user: fields that are not named stay as they are.
package struct UserChange: Hashable, Sendable {
    /// A field of a merge: left alone, cleared (null), or set.
    package enum Field<Value: Hashable & Sendable>: Hashable, Sendable {
        case keep, clear
        case set(Value)
    }
    package var tier: Field<Identifier> = .keep
    package var frozen: Field<Bool> = .keep
    /// `set` names some allowances, each with a limit of its own or, nil, the policy's again.
    package var limits: Field<[Identifier: WrittenAmount?]> = .keep

    package init() {}

    /// - Throws: ``EditError`` for a tier or an allowance that policy does not have, a limit that is none, or too many of them.
    package func apply(to assignment: inout Assignment, _ policy: Policy) throws(EditError) {
        switch tier {
        case .keep: break
        case .clear: assignment.tier = nil
        case .set(let tier):
            guard policy.tiers[tier] != nil else { throw .unknownTier(tier) }
            assignment.tier = tier
        }
        switch frozen {
        case .keep: break
        case .clear: assignment.frozen = false
        case .set(let frozen): assignment.frozen = frozen
        }
        switch limits {
        case .keep: break
        case .clear: (assignment.limits, assignment.limitUnits) = ([:], [:])
        case .set(let changes):
            for (name, amount) in changes.sorted(by: { $0.key.text < $1.key.text }) {
                try apply(amount, to: name, &assignment, policy)
            }
            guard assignment.limits.count <= Assignment.maximumLimits else { throw .tooManyLimits(Assignment.maximumLimits) }
        }
    }

    private func apply(
        _ amount: WrittenAmount?, to name: Identifier, _ assignment: inout Assignment, _ policy: Policy
    ) throws(EditError) {
        let pointer = "/limits" + JSONError.step(name.text)
        // What policy no longer has can still be cleared.
        if amount == nil, assignment.limits[name] != nil { return assignment.setLimit(name, nil) }
        let allowances = policy.allowances(countedPerUserAs: name)
        guard let unit = allowances.first?.unit else { throw .unknownAllowance(name, pointer: pointer) }
        guard let amount else { return }
        let limit = try amount.value(in: unit, pointer: pointer)
        let granted = assignment.granted(name, in: unit)
        let beyond = (allowances.map(\.overdraft.parts).max() ?? 0) + policy.highestGrace.parts
        let highest = Amount.sum(limit, Percentage(parts: beyond).share(of: limit)).flatMap { Amount.sum($0, granted) }
        guard highest != nil else { throw .amountTooLarge(pointer: pointer, unit) }
        assignment.setLimit(name, limit, in: unit)
    }
}

extension Policy {
    /// The most that protected hours of some tier add to a limit.
    fileprivate var highestGrace: Percentage {
        Percentage(parts: tiers.values.compactMap { $0.protectedHours?.grace.parts }.max() ?? 0)
    }

    /// Every allowance of this name that is counted per user: several tiers may have it, with limits of their own.
    package func allowances(countedPerUserAs name: Identifier) -> [Allowance] {
        (allowances + tiers.sorted { $0.key.text < $1.key.text }.flatMap(\.value.allowances)).filter {
            $0.isPerUser && $0.name == name
        }
    }
}

extension Assignment {
    /// Everything ever granted of an allowance in the unit that is still remembered: at most 2^53 - 1.
    func granted(_ name: Identifier, in unit: AllowanceUnit) -> Int64 {
        topUps.reduce(0) { $1.allowance == name && $1.unit ?? unit == unit ? min($0 + $1.amount, Amount.maximum) : $0 }
    }
}
