import BudgetHTTP
import BudgetModel
import BudgetStore

/// `POST /v1/release`
extension DecisionDesk {
    func release(_ call: Call, _ respond: @escaping Respond) throws(Problem) {
        let body = try ReservationBody(release: call)
        store.release(body.reservation, environment: call.environmentTag) { result in
            respond(
                self.response(result) { settlement in
                    Response { json in
                        json.text("reservation_id", body.reservation)
                        json.text("state", settlement.state.rawValue)
                        json.charge("released", settlement.released)
                        json.flag("replayed", settlement.replayed)
                        json.allowances(settlement.allowances)
                    }
                })
        }
    }
}
