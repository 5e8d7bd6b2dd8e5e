import BudgetHTTP
import BudgetModel
import BudgetStore
import HTTPTypes

/// `GET /livez`, `/readyz`: machines read the status, people `?verbose`.
extension ControlDesk {
    func health(_ limits: ControlLimits) -> [Endpoint] {
        [
            Endpoint(.get, "/livez", .open, body: 0) { _ in ControlAnswer { $0.text("status", "live") } },
            Endpoint(.get, "/readyz", .open, body: 0) { call in try await self.readiness(call) },
        ]
    }

    /// Why the service is not ready, as a code; nil when it is.
    func obstacle() async throws -> String? { isDraining ? "draining" : try await stores.obstacle() }

    private func readiness(_ call: ControlCall) async throws -> ControlAnswer {
        let obstacle = try await obstacle()
        if try call.query.flag("verbose") { return try await verdict(obstacle) }
        guard let obstacle else { return ControlAnswer { $0.text("status", "ready") } }
        var problem = Problem(503, obstacle, "Not ready", "The service cannot decide: \(obstacle).")
        problem.fields = [("retry-after", "1")]
        throw problem
    }

    /// Every check by itself. What does not stand in the way of decisions, such as an older policy, leaves the service ready.
    private func verdict(_ obstacle: String?) async throws -> ControlAnswer {
        let store = try await stores.obstacle(within: .zero)
        let policy = await keeper.status
        var answer = ControlAnswer { json in
            json.text("status", obstacle ?? "ready")
            json.key("checks")
            json.array { json in
                json.check("store", store == nil || store == "no policy", store ?? "connected on every event loop")
                json.check("policy", policy.version != nil, policy.version.map { "version \($0) decides" } ?? "there is none")
                json.check("policy_follows", policy.isFollowing, policy.problem ?? "the stored policy decides")
                if let keys = self.keys?.status {
                    json.check("keys", keys.problem == nil, keys.problem ?? "\(keys.count) keys in force")
                }
            }
            json.key("policy_version")
            if let version = policy.version { json.integer(version) } else { json.null() }
        }
        if obstacle != nil {
            answer.status = .serviceUnavailable
            answer.fields[.retryAfter] = "1"
        }
        return answer
    }
}

extension JSONText {
    fileprivate mutating func check(_ name: String, _ isGood: Bool, _ detail: String) {
        object { json in
            json.text("name", name)
            json.flag("ok", isGood)
            json.text("detail", detail)
        }
    }
}
