import BudgetClient
import CommandSupport
import Foundation

/// What ops gave a user, an own limit or a top-up, in the unit it was given in: the allowance may be counted in another one since.
struct GivenAmount {
    let value: Decimal
    /// nil where the service does not tell it.
    let unit: String?
    /// Why it counts for nothing; nil where it counts.
    let objection: String?

    /// - Parameter allowances: the user's, as they are counted now.
    init(_ value: Decimal, _ allowance: String, unit: String?, applies: Bool, _ allowances: [AllowanceReply]) {
        let present = allowances.filter { $0.name == allowance }.map(\.unit)
        self.value = value
        // Services that do not tell units have none but the allowance's own.
        self.unit = applies ? unit ?? present.first : unit
        objection = applies ? nil : Self.objection(unit, present)
    }

    /// `$5`, `20,000 tokens`
    var quantity: String { TextTable.quantity(value, unit) }

    /// `$5 (does not apply: unit was usd, is tokens)`
    var text: String { objection.map { "\(quantity) (\($0))" } ?? quantity }

    private static func objection(_ unit: String?, _ present: [String]) -> String {
        let now = present.first { $0 != unit }
        return switch (unit, now) {
        case (let unit?, let now?): "does not apply: unit was \(unit), is \(now)"
        case (let unit?, nil): "does not apply: unit was \(unit), no such allowance is counted for this user now"
        case (nil, _): "does not apply: no allowance counts it now"
        }
    }
}

extension UserStateReply {
    /// The user's own limits by allowance.
    var ownLimits: [String: GivenAmount] {
        let idle = Set(limitsNotApplied ?? [])
        return limits.reduce(into: [:]) { own, limit in
            own[limit.key] = GivenAmount(
                limit.value, limit.key, unit: limitUnits?[limit.key].flatMap { $0 }, applies: !idle.contains(limit.key), allowances)
        }
    }

    func amount(of grant: UserGrantReply) -> GivenAmount {
        GivenAmount(grant.amount, grant.allowance, unit: grant.unit, applies: grant.applies != false, allowances)
    }
}
