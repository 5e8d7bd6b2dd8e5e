import BudgetHTTP
import BudgetModel
import BudgetStore

/// `POST /v1/commit`
extension DecisionDesk {
    func commit(_ call: Call, _ respond: @escaping Respond) throws(Problem) {
        let request = try CommitBody.read(call)
        let (reservation, isFinal) = (request.reservation, request.final)
        store.commit(request, environment: call.environmentTag) { result in
            respond(self.response(result) { Response(settlement: $0, of: reservation, isFinal: isFinal) })
        }
    }
}

extension Response {
    fileprivate init(settlement: Settlement, of reservation: String, isFinal: Bool) {
        self.init { json in
            json.text("reservation_id", reservation)
            json.text("state", settlement.state.rawValue)
            if !isFinal { json.flag("stop", settlement.stop) }
            json.charge("charged", settlement.charged)
            json.charge("released", settlement.released)
            json.flag("late", settlement.late)
            json.flag("over_hold", settlement.overHold)
            json.flag("replayed", settlement.replayed)
            json.flags(of: settlement)
            if settlement.state == .active {
                json.key("expires_at")
                json.time(settlement.expiresAt, alwaysMilliseconds: true)
            }
            json.allowances(settlement.allowances)
        }
    }
}

extension JSONText {
    /// Flags that stand there only when they are true.
    mutating func flags(of settlement: Settlement) {
        if settlement.estimated { flag("estimated", true) }
        if settlement.unpriced { flag("unpriced", true) }
        if settlement.usageMismatch { flag("usage_mismatch", true) }
    }
}
