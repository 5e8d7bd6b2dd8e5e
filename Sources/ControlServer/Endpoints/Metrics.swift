import BudgetHTTP
import BudgetMetrics
import HTTPTypes
import UsageLedger

/// `GET /metrics`: for a scraper, in the format it asks for.
extension ControlDesk {
    func metricsEndpoint() -> Endpoint {
        Endpoint(.get, "/metrics", .read, body: 0) { call in
            let format = Exposition.Format(accept: call.head.headerFields[.accept] ?? "")
            let families = try await self.metrics.scrape(
                self.stores, policy: self.keeper.status, keys: self.keys?.status, ledger: self.ledger?.status,
                isReady: self.obstacle() == nil)
            return ControlAnswer(contentType: format.contentType, Array(Exposition.text(families, format).utf8))
        }
    }
}
