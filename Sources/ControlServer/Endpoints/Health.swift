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
        guard let obstacle = try await obstacle() else { return ControlAnswer { $0.text("status", "ready") } }
        var problem = Problem(503, obstacle, "Not ready", "The service cannot decide: \(obstacle).")
        problem.fields = [("retry-after", "1")]
        throw problem
    }
}
