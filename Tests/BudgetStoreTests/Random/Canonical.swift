import BudgetModel
import BudgetStore

/// Answers of service and reference as lines of text that must be equal: what is compared is also what a failure shows.
enum Canonical {
    static func text(_ decision: Decision, replay: Bool) -> String {
        var line = "\(decision.kind.rawValue) model=\(show(decision.model)) output=\(show(decision.maximumOutput)) "
        line += "reason=\(decision.reason?.rawValue ?? "-") allowance=\(show(decision.allowance)) "
        line += "retry=\(show(decision.retryAfterSeconds)) held=\(charge(decision.held))"
        if replay { return line }
        return line + " expires=\(show(decision.expiresAt)) " + states(decision.allowances)
    }

    static func text(_ decision: ReferenceDecision) -> String {
        var line = "\(decision.verdict.rawValue) model=\(show(decision.model)) output=\(show(decision.output)) "
        line += "reason=\(decision.reason ?? "-") allowance=\(show(decision.allowance)) "
        line += "retry=\(show(decision.retryAfterSeconds)) held=\(amounts(decision.held))"
        if decision.replayed { return line }
        return line + " expires=\(show(decision.expiresAt)) " + states(decision.allowances)
    }

    static func text(_ settlement: Settlement) -> String {
        var line = "\(settlement.state.rawValue) charged=\(charge(settlement.charged)) released=\(charge(settlement.released)) "
        line += "late=\(settlement.late) over=\(settlement.overHold) replayed=\(settlement.replayed) "
        line += "estimated=\(settlement.estimated) unpriced=\(settlement.unpriced) "
        if settlement.state == .active { line += "stop=\(settlement.stop) " }
        return line + states(settlement.allowances)
    }

    static func text(_ settlement: ReferenceSettlement) -> String {
        var line = "\(settlement.state) charged=\(amounts(settlement.charged)) released=\(amounts(settlement.released)) "
        line += "late=\(settlement.late) over=\(settlement.overHold) replayed=\(settlement.replayed) "
        line += "estimated=\(settlement.estimated) unpriced=\(settlement.unpriced) "
        if settlement.state == "active" { line += "stop=\(settlement.stop ?? false) " }
        return line + states(settlement.allowances)
    }

    static func released(_ state: String, _ tokens: Int64, _ cost: Int64?, replayed: Bool) -> String {
        "\(state) released=\(tokens)/\(show(cost)) replayed=\(replayed)"
    }

    static func recorded(_ tokens: Int64, _ cost: Int64?, replayed: Bool, _ allowances: String) -> String {
        "charged=\(tokens)/\(show(cost)) replayed=\(replayed) \(allowances)"
    }

    static func states(_ states: [AllowanceState]) -> String {
        states.map { state in
            "\(state.name):\(state.used)+\(state.held)/\(state.limit)~\(state.remaining)@\(show(state.resetsAt))"
        }.joined(separator: " ")
    }

    static func states(_ states: [ReferenceState]) -> String {
        states.map { state in
            "\(state.name):\(state.used)+\(state.held)/\(state.limit)~\(state.remaining)@\(show(state.resetsAt))"
        }.joined(separator: " ")
    }

    private static func charge(_ charge: Charge?) -> String { charge.map { "\($0.tokens)/\(show($0.cost))" } ?? "-" }
    private static func amounts(_ amounts: ReferenceAmounts?) -> String {
        amounts.map { "\($0.tokens)/\(show($0.cost))" } ?? "-"
    }
    private static func show(_ value: (some CustomStringConvertible)?) -> String { value?.description ?? "-" }

    /// A refusal by the word the reference has for it.
    static func text(_ error: BudgetError) -> String {
        switch error {
        case .plan(.unknownTier): ReferenceRefusal.unknownTier.rawValue
        case .plan(.outputUnknown): ReferenceRefusal.missingMaximum.rawValue
        case .plan(.minimumAboveMaximum): ReferenceRefusal.minimumAboveMaximum.rawValue
        case .plan(.noModelLeft): ReferenceRefusal.noModel.rawValue
        case .plan(.unpricedModel): ReferenceRefusal.unpricedModel.rawValue
        case .plan(.missingDimension): ReferenceRefusal.missingDimension.rawValue
        case .plan(.amountTooLarge), .amountTooLarge: ReferenceRefusal.amountTooLarge.rawValue
        case .unknownReservation: ReferenceRefusal.unknownReservation.rawValue
        case .reservationGone: ReferenceRefusal.reservationGone.rawValue
        case .alreadyCommitted: ReferenceRefusal.alreadyCommitted.rawValue
        case .reservationEnded: ReferenceRefusal.reservationEnded.rawValue
        case .idempotencyKeyReused: ReferenceRefusal.idempotencyKeyReused.rawValue
        case .edit(.unknownTier): ReferenceRefusal.unknownTier.rawValue
        case .edit(.unknownAllowance): ReferenceRefusal.unknownAllowance.rawValue
        case .edit(.invalid): ReferenceRefusal.invalidField.rawValue
        case .edit(.neverCounted): ReferenceRefusal.neverCounted.rawValue
        case .edit(.grantIDReused): ReferenceRefusal.grantIDReused.rawValue
        case .plan(.noPolicy), .store, .unsettled, .userChanging, .edit, .unknownCursor, .versionConflict: "\(error)"
        }
    }
}
