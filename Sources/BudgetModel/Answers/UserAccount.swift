/// A user as ops see one: what was decided about them beside what they have used.
package struct UserAccount: Sendable {
    package var state: UserState
    package var assignment: Assignment
    /// Grants that still count somewhere, oldest first.
    package var grants: [TopUp]
    /// Units of the allowances that limits and grants are for, as far as policy still has them.
    package var units: [Identifier: AllowanceUnit]

    package init(state: UserState, assignment: Assignment, grants: [TopUp], _ policy: Policy?) {
        self.state = state
        self.assignment = assignment
        self.grants = grants
        let names = Set(assignment.limits.keys).union(assignment.topUps.map(\.allowance))
        units = names.reduce(into: [:]) { units, name in units[name] = policy?.allowances(countedPerUserAs: name).first?.unit }
    }
}
