import BudgetHTTP
import BudgetModel
import BudgetStore

/// `POST /v1/check`: what a reserve would answer; nothing is held.
extension DecisionDesk {
    func check(_ call: Call, _ respond: @escaping Respond) throws(Problem) {
        let request = try ReserveBody.read(call)
        store.reserve(request, holding: false) { respond(self.response($0, readsOnly: true, Response.init(decision:))) }
    }
}
