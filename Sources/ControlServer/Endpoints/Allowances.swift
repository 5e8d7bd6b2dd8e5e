import BudgetModel
import BudgetStore
import HTTPTypes

/// `GET /v1/allowances`: what many users share, and what shadow allowances would have refused.
extension ControlDesk {
    func allowances(_ limits: ControlLimits) -> [Endpoint] {
        [Endpoint(.get, "/v1/allowances", .read, body: 0) { try await self.allowances($0) }]
    }

    private func allowances(_ call: ControlCall) async throws -> ControlAnswer {
        try call.query.allowOnly([])
        let shared = try await stores.ask { $0.allowances($1) }
        let wouldReject = shared.shadow.reduce(into: [Identifier: Int64]()) { $0[$1.name, default: 0] += $1.wouldReject }
        return ControlAnswer { json in
            json.key("allowances")
            json.array { json in
                for state in shared.states {
                    json.allowance(state, withDimensions: true, wouldReject: state.shadow ? wouldReject[state.name] ?? 0 : nil)
                }
            }
            json.key("shadow")
            json.array { json in
                for shadow in shared.shadow {
                    json.object { json in
                        json.text("name", shadow.name.text)
                        if let tier = shadow.tier { json.text("tier", tier.text) }
                        json.key("would_reject")
                        json.integer(shadow.wouldReject)
                    }
                }
            }
        }
    }
}
