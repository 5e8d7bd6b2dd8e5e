import BudgetHTTP
import BudgetModel
import BudgetStore
import HTTPTypes

/// `POST /v1/users/{user}/erase`: every trace of a user leaves Redis.
extension ControlDesk {
    func erase(_ limits: ControlLimits) -> [Endpoint] {
        [Endpoint(.post, "/v1/users/{user}/erase", .change, body: limits.userBody) { try await self.erase($0) }]
    }

    private func erase(_ call: ControlCall) async throws -> ControlAnswer {
        try call.query.allowOnly(["reason"])
        let user = try call.identifier("user")
        _ = try call.reason(ReasonBody(call).reason)
        let erased = try await stores.ask { $0.erase(user, $1) }
        return ControlAnswer { json in
            json.text("user", user.text)
            json.key("erased")
            json.object { json in
                json.key("counters")
                json.integer(Int64(erased.counters))
                json.key("reservations")
                json.integer(Int64(erased.reservations))
                json.key("holds")
                json.integer(Int64(erased.holds))
            }
        }
    }
}
