import BudgetHTTP
import BudgetModel
import BudgetStore
import HTTPTypes

/// `GET /v1/users`, and `GET`, `PUT`, `DELETE /v1/users/{user}`: who there is, and what ops decided about one of them.
extension ControlDesk {
    func users(_ limits: ControlLimits) -> [Endpoint] {
        [
            Endpoint(.get, "/v1/users", .read, body: 0) { try await self.list($0, limits) },
            Endpoint(.get, "/v1/users/{user}", .read, body: 0) { try await self.user($0) },
            Endpoint(.put, "/v1/users/{user}", .change, body: limits.userBody) { try await self.assign($0) },
            Endpoint(.delete, "/v1/users/{user}", .change, body: limits.userBody) { try await self.unassign($0) },
        ]
    }

    private func list(_ call: ControlCall, _ limits: ControlLimits) async throws -> ControlAnswer {
        try call.query.allowOnly(["search", "limit", "cursor"])
        let search = call.query["search"] ?? ""
        guard search.utf8.count <= Identifier.maximumLength else {
            throw Problem.invalidQuery("search", "No id is longer than 256 bytes.")
        }
        let limit = try call.query.integer("limit", in: 1...limits.largestPage) ?? limits.page
        let cursor = call.query["cursor"]
        let page = try await stores.ask { $0.users(search: search, limit: limit, cursor: cursor, $1) }
        return ControlAnswer { json in
            json.key("users")
            json.array { json in
                for user in page.users {
                    json.object { json in
                        json.text("user", user.user.text)
                        json.optional("tier", user.tier)
                        json.flag("frozen", user.frozen)
                    }
                }
            }
            json.optional("next_cursor", page.nextCursor.map { Identifier($0) })
        }
    }

    private func user(_ call: ControlCall) async throws -> ControlAnswer {
        try call.query.allowOnly([])
        let user = try call.identifier("user")
        let account = try await stores.ask { $0.account(user, $1) }
        return ControlAnswer { $0.account(account) }
    }

    private func assign(_ call: ControlCall) async throws -> ControlAnswer {
        try call.query.allowOnly(["reason"])
        let user = try call.identifier("user")
        let change = try UserBody(call).change
        let account = try await stores.ask { $0.assign(change, to: user, $1) }
        return ControlAnswer { $0.account(account) }
    }

    private func unassign(_ call: ControlCall) async throws -> ControlAnswer {
        try call.query.allowOnly(["reason"])
        _ = try call.reason(ReasonBody(call).reason)
        let user = try call.identifier("user")
        let account = try await stores.ask { $0.unassign(user, $1) }
        return ControlAnswer { $0.account(account) }
    }
}
