import BudgetHTTP
import BudgetModel
import BudgetStore
import UsageLedger

/// What only the control API can say no to.
extension Problem {
    init(_ refused: PricesRefused) {
        switch refused {
        case .unreadable(let error): self.init(422, "invalid_prices", "Invalid prices", "\(refused)", pointer: error.pointer)
        case .changesInReading: self.init(422, "invalid_prices", "Invalid prices", "\(refused)")
        case .policyNeedsMore: self.init(422, "policy_needs_price", "Policy needs a price", "\(refused)", pointer: "/prices")
        case .comingPricesLack(let error, _):
            self.init(422, "policy_needs_price", "Policy needs a price", "\(refused)", pointer: error.pointer)
        case .past: self.init(422, "effective_from_past", "In the past", "\(refused)", pointer: "/effective_from")
        case .tooManyScheduled: self.init(409, "too_many_versions", "Too many versions", "\(refused)")
        }
    }

    static let noPolicy = Problem(
        404, "no_policy", "No policy", "There is no policy yet: PUT one to /v1/policy, or `token-budget policy apply FILE`.")

    init(_ unreadable: PolicyKeeper.Unreadable) {
        self.init(
            409, "stored_\(unreadable.kind.rawValue)_unreadable", "Stored document unreadable",
            "\(unreadable). The node decides by the last it could read. PUT a whole document, or roll back.")
    }

    /// The caller hung up in the midst of the request; the status is the one that logs elsewhere have for it.
    static var clientClosed: Problem {
        .refusal(499, "client_closed", "Client closed the connection", "The connection ended before the request did.")
    }

    /// A parameter of the query that cannot be what it is.
    static func invalidQuery(_ name: String, _ detail: String) -> Problem {
        Problem(400, "invalid_query", "Malformed request", detail, pointer: "/\(name)")
    }

    /// A parameter that must be there.
    static func missingParameter(_ name: String, _ detail: String) -> Problem {
        Problem(400, "missing_field", "Malformed request", detail, pointer: "/\(name)")
    }

    /// A report that cannot be had, or not here.
    init(_ error: LedgerError) {
        switch error {
        case .question(let text): self.init(400, "invalid_query", "Malformed request", text)
        case .elsewhere(let node):
            self.init(503, "ledger_elsewhere", "Ledger elsewhere", "The ledger is a file of the node at \(node): ask there.")
            fields = [("retry-after", "10")]
        case .homeless:
            self.init(503, "ledger_elsewhere", "Ledger elsewhere", "\(error).")
            fields = [("retry-after", "10")]
        case .rebuilding:
            self.init(503, "store_lost_data", "Store lost data", "\(error).")
            fields = [("retry-after", "1")]
        default: self = .ledgerUnavailable("\(error).")
        }
    }

    static func ledgerUnavailable(_ detail: String) -> Problem {
        var problem = Problem(503, "ledger_unavailable", "Ledger unavailable", detail)
        problem.fields = [("retry-after", "1")]
        return problem
    }
}
