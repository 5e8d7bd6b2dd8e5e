import BudgetHTTP
import BudgetModel
import BudgetStore

/// `POST /v1/extend`
extension DecisionDesk {
    func extend(_ call: Call, _ respond: @escaping Respond) throws(Problem) {
        let body = try ReservationBody(extend: call)
        store.extend(body.reservation, timeToLive: body.timeToLive, environment: call.environmentTag) { result in
            respond(
                self.response(result) { expires in
                    Response { json in
                        json.text("reservation_id", body.reservation)
                        json.key("expires_at")
                        json.time(expires, alwaysMilliseconds: true)
                    }
                })
        }
    }
}
