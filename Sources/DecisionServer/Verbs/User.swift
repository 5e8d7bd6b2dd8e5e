import BudgetModel
import BudgetStore

/// `GET /v1/users/{user}`
extension DecisionDesk {
    func user(_ user: Identifier, _ respond: @escaping Respond) {
        store.user(user) { result in
            respond(
                self.response(result, readsOnly: true) { state in
                    Response { json in
                        json.text("user", state.user.text)
                        json.key("tier")
                        if let tier = state.tier { json.string(tier.text) } else { json.null() }
                        json.flag("frozen", state.frozen)
                        json.allowances(state.allowances, withDimensions: true)
                    }
                })
        }
    }
}
