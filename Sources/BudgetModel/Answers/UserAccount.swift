/// A user as ops see one: what was decided about them beside what they have used.
package struct UserAccount: Sendable {
    package var state: UserState
    package var assignment: Assignment
    /// Grants that still count somewhere, oldest first.
    package var grants: [TopUp]
    /// Units of the allowances that limits and grants are for, as far as policy still has them.
    private var units: [Identifier: AllowanceUnit]

    package init(state: UserState, assignment: Assignment, grants: [TopUp], _ policy: Policy?) {
        self.state = state
        self.assignment = assignment
        self.grants = grants
        let names = Set(assignment.limits.keys).union(assignment.topUps.map(\.allowance))
        units = names.reduce(into: [:]) { units, name in units[name] = policy?.allowances(countedPerUserAs: name).first?.unit }
    }

    /// The user's own limits by name, each in the unit it was set in: nil where neither it nor policy tells.
    package var limits: [(name: Identifier, limit: Int64, unit: AllowanceUnit?)] {
        assignment.limits.sorted { $0.key.text < $1.key.text }.map { ($0, $1, assignment.limitUnits[$0] ?? units[$0]) }
    }

    /// The unit a grant was made in.
    package func unit(of topUp: TopUp) -> AllowanceUnit? { topUp.unit ?? units[topUp.allowance] }

    /// Whether an amount in the unit means anything to the allowance as policy has it now.
    package func applies(_ unit: AllowanceUnit?, to name: Identifier) -> Bool { units[name].map { $0 == unit } ?? false }
}
