import BudgetHTTP
import BudgetModel
import BudgetStore
import HTTPTypes
import UsageLedger

/// `GET /livez`, `/readyz`: machines read the status, people `?verbose`.
extension ControlDesk {
    func health(_ limits: ControlLimits) -> [Endpoint] {
        [
            Endpoint(.get, "/livez", .open, body: 0) { _ in ControlAnswer { $0.text("status", "live") } },
            Endpoint(.get, "/readyz", .open, body: 0) { call in try await self.readiness(call) },
        ]
    }

    /// Why the service is not ready, as a code; nil when it is.
    func obstacle() async throws -> String? { isDraining ? "draining" : try await stores.obstacle()?.code }

    private func readiness(_ call: ControlCall) async throws -> ControlAnswer {
        let obstacle = try await obstacle()
        if try call.query.flag("verbose") { return try await verdict(obstacle, withDetails: call.mayRead) }
        guard let obstacle else { return ControlAnswer { $0.text("status", "ready") } }
        var problem = Problem(503, obstacle, "Not ready", "The service cannot decide: \(obstacle).")
        problem.fields = [("retry-after", "1")]
        throw problem
    }

    /// Every check by itself. What does not stand in the way of decisions, such as an older policy, leaves the service ready.
    /// - Parameter withDetails: what went wrong in words, too: they quote the policy and what Redis said.
    private func verdict(_ obstacle: String?, withDetails: Bool) async throws -> ControlAnswer {
        let store = try await stores.obstacle()
        let policy = await keeper.status
        let ledger = await ledger?.status
        var answer = ControlAnswer { json in
            json.text("status", obstacle ?? "ready")
            json.key("checks")
            json.array { json in
                func check(_ name: String, _ isGood: Bool, _ detail: String) {
                    json.check(name, isGood, withDetails ? detail : nil)
                }
                check("store", store?.fault == nil, store?.fault ?? "connected on every event loop")
                check("policy", policy.version != nil, policy.version.map { "version \($0) decides" } ?? "there is none")
                check("policy_follows", policy.isFollowing, policy.problem ?? "the stored policy decides")
                if let ledger { check("ledger", ledger.problem == nil && ledger.rebuilding == nil, ledger.sentence) }
                if let keys = self.keys?.status {
                    check("keys", keys.problem == nil, keys.problem ?? "\(keys.count) keys in force")
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

extension LedgerDrainer.Status {
    fileprivate var sentence: String {
        if let problem { return problem }
        if let rebuilding { return "the store has lost its data and is being rebuilt: \(rebuilding)" }
        guard isKeeper else { return keeper.isEmpty ? "no node keeps it yet" : "kept by \(keeper)" }
        return "kept here; \(lag?.entries ?? 0) events wait in Redis"
    }
}

extension JSONText {
    fileprivate mutating func check(_ name: String, _ isGood: Bool, _ detail: String?) {
        object { json in
            json.text("name", name)
            json.flag("ok", isGood)
            if let detail { json.text("detail", detail) }
        }
    }
}
