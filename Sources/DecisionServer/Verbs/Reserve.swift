import BudgetHTTP
import BudgetModel
import BudgetStore

/// `POST /v1/reserve`
extension DecisionDesk {
    func reserve(_ call: Call, _ respond: @escaping Respond) throws(Problem) {
        let request = try ReserveBody.read(call)
        store.reserve(request) { respond(self.response($0, Response.init(decision:))) }
    }
}

extension Response {
    /// The answer to reserve and check; a check has neither id nor expiry.
    init(decision: Decision) {
        self.init { json in
            json.text("decision", decision.kind.rawValue)
            if let id = decision.reservation {
                json.key("reservation_id")
                json.plain { id.append(to: &$0) }
            }
            if let model = decision.model { json.text("model", model.text) }
            if let output = decision.maximumOutput {
                json.key("max_output_tokens")
                json.integer(output)
            }
            if let expires = decision.expiresAt {
                json.key("expires_at")
                json.time(expires, alwaysMilliseconds: true)
            }
            if let reason = decision.reason { json.text("reason", reason.rawValue) }
            if let allowance = decision.allowance { json.text("allowance", allowance.text) }
            if let message = decision.message { json.text("message", message) }
            if let seconds = decision.retryAfterSeconds {
                json.key("retry_after_seconds")
                json.integer(seconds)
            }
            if let held = decision.held { json.charge("held", held) }
            json.allowances(decision.allowances)
        }
    }
}
