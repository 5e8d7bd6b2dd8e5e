import BudgetHTTP
import BudgetModel
import BudgetStore
import HTTPTypes

/// `POST /v1/users/{user}/grants` and `/reset`: more of an allowance for one user, and what was used forgotten.
extension ControlDesk {
    func grants(_ limits: ControlLimits) -> [Endpoint] {
        [
            Endpoint(.post, "/v1/users/{user}/grants", .change, body: limits.userBody) { try await self.grant($0) },
            Endpoint(.post, "/v1/users/{user}/reset", .change, body: limits.userBody) { try await self.reset($0) },
        ]
    }

    private func grant(_ call: ControlCall) async throws -> ControlAnswer {
        try call.query.allowOnly(["reason"])
        let user = try call.identifier("user")
        let request = try GrantBody(call).request
        let (actor, id) = (call.actor, Self.freshGrantID())
        let answer = try await stores.ask { $0.grant(request, to: user, actor: actor, id: id, $1) }
        return ControlAnswer { json in
            json.grant(answer.topUp, answer.account.unit(of: answer.topUp))
            json.flag("replayed", answer.replayed)
            json.allowances(answer.account.state.allowances, withDimensions: true)
        }
    }

    /// 96 random bits: no other grant has the name.
    private static func freshGrantID() -> String {
        let bytes = (0..<12).map { _ in UInt8.random(in: .min ... .max) }
        return "g_" + String(decoding: Base64URL.encode(bytes), as: UTF8.self)
    }

    private func reset(_ call: ControlCall) async throws -> ControlAnswer {
        try call.query.allowOnly(["reason"])
        let user = try call.identifier("user")
        let body = try ResetBody(call)
        let (actor, reason) = (call.actor, body.reason)
        let (allowance, dimensions) = (body.allowance, body.dimensions)
        let answer = try await stores.ask { $0.reset(allowance, dimensions: dimensions, of: user, actor: actor, reason: reason, $1) }
        return ControlAnswer { json in
            json.text("user", user.text)
            json.key("reset")
            json.array { json in
                for counter in answer.counters {
                    json.object { json in
                        json.text("name", counter.name.text)
                        json.dimensions(counter.dimensions)
                        json.text("unit", counter.unit.rawValue)
                        json.amount("used_before", counter.usedBefore, counter.unit)
                    }
                }
            }
            json.allowances(answer.account.state.allowances, withDimensions: true)
        }
    }
}
