package import BudgetModel

extension Allowance {
    /// An allowance per user and UTC with nothing special about it.
    package static func example(name: Identifier, unit: AllowanceUnit, window: Window, limit: Int64 = 0) -> Allowance {
        Allowance(
            name: name, unit: unit, limit: limit, window: window, timeZone: "UTC", per: [.user], match: [:], softLimit: nil,
            overdraft: .zero, required: false, shadow: false)
    }
}
