/// Extra allowance that ops ask for one user.
package struct GrantRequest: Hashable, Sendable {
    package var allowance: Identifier
    package var amount: WrittenAmount
    /// Milliseconds since 1970; nil: the present window only.
    package var expiresAt: Int64?
    package var reason: String = ""
    /// nil: the service names the grant, and a repetition is another one.
    package var id: String?
    package var dimensions: [Dimension: Identifier] = [:]

    package init(allowance: Identifier, amount: WrittenAmount) {
        self.allowance = allowance
        self.amount = amount
    }

    /// Everything asked but the id itself.
    package var fingerprint: [UInt8] {
        var print = Fingerprint(verb: "grant")
        print.add(allowance.text)
        let number = DecimalNumber(amount.text)
        print.add(number == nil ? amount.text : nil)
        print.add(number?.digits)
        print.add(number.map { Int64($0.exponent) })
        print.add(expiresAt)
        print.add(reason)
        for (dimension, value) in dimensions.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            print.add(dimension.rawValue)
            print.add(value.text)
        }
        return print.digest
    }

    /// The top-up this asks for, checked against policy.
    /// - Parameter present: when the allowance's present window ends, for counters with these values; nil for an allowance without
    ///   such windows.
    /// - Throws: ``EditError``.
    package func topUp(
        _ policy: Policy, _ assignment: Assignment, now: Int64, present: (Allowance, [Dimension: Identifier]) -> Int64?
    ) throws(EditError) -> TopUp {
        let allowances = policy.allowances(countedPerUserAs: allowance)
        guard let counted = allowances.first else { throw .unknownAllowance(allowance, pointer: "/allowance") }
        let amount = try amount.value(in: counted.unit, pointer: "/amount")
        guard amount > 0 else { throw .invalid(pointer: "/amount", "Must be above 0.") }
        let highest = allowances.map(\.limit).max() ?? 0
        let base = max(highest, assignment.ownLimit(allowance, in: counted.unit) ?? 0)
        guard Amount.sum(base, amount).flatMap({ Amount.sum($0, assignment.granted(allowance, in: counted.unit)) }) != nil else {
            throw .amountTooLarge(pointer: "/amount", counted.unit)
        }
        for dimension in dimensions.keys.sorted(by: { $0.rawValue < $1.rawValue }) {
            guard dimension != .user, counted.per.contains(dimension) else {
                throw .unknownDimension(dimension, allowance: allowance)
            }
        }
        var values = dimensions
        if let model = values[.model] { values[.model] = policy.catalogue.canonical(model) }
        for (dimension, value) in values.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            guard allowances.contains(where: { policy.counts($0, dimension, value) }) else {
                throw .neverCounted(dimension, value, allowance: allowance)
            }
        }
        return TopUp(
            allowance: allowance, amount: amount, before: try end(counted, now: now) { present($0, values) }, dimensions: values,
            unit: counted.unit)
    }

    private func end(_ allowance: Allowance, now: Int64, _ present: (Allowance) -> Int64?) throws(EditError) -> Int64 {
        if let expiresAt {
            guard expiresAt > now else { throw .invalid(pointer: "/expires_at", "Must be in the future.") }
            guard expiresAt < WindowBounds.always.end else { throw .invalid(pointer: "/expires_at", "Too far away.") }
            return expiresAt
        }
        guard let end = present(allowance) else {
            throw .invalid(
                pointer: "/expires_at", "\"\(allowance.name)\" has no window that ends: say until when the grant counts.")
        }
        return end
    }
}

extension Policy {
    /// Whether an allowance counts requests with this value of a dimension.
    fileprivate func counts(_ allowance: Allowance, _ dimension: Dimension, _ value: Identifier) -> Bool {
        guard let wanted = allowance.match[dimension] else { return true }
        return (dimension == .model ? catalogue.canonical(wanted) : wanted) == value
    }
}
