import BudgetHTTP
import BudgetModel
import BudgetStore

/// `POST /v1/record`
extension DecisionDesk {
    func record(_ call: Call, _ respond: @escaping Respond) throws(Problem) {
        let request = try RecordBody.read(call)
        store.record(request) { result in
            respond(
                self.response(result) { settlement in
                    Response { json in
                        json.charge("charged", settlement.charged)
                        json.flag("replayed", settlement.replayed)
                        json.flags(of: settlement)
                        json.allowances(settlement.allowances)
                    }
                })
        }
    }
}
