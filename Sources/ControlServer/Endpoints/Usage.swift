import BudgetHTTP
import BudgetModel
import BudgetStore
import HTTPTypes
import UsageLedger

/// `GET /v1/usage`: who spent what, as rows that stream; `GET /v1/margins`: what tiers bring and cost.
extension ControlDesk {
    func usage(_ limits: ControlLimits) -> [Endpoint] {
        [
            Endpoint(.get, "/v1/usage", .read, body: 0) { try await self.usage($0, limits) },
            Endpoint(.get, "/v1/margins", .read, body: 0) { try await self.margins($0) },
        ]
    }

    /// The ledger, for reports.
    /// - Throws: ``LedgerError``, or 503, where it cannot be had.
    func reports() async throws -> LedgerStore {
        try await keptLedger().reports()
    }

    func keptLedger() throws(Problem) -> NodeLedger {
        guard let ledger else { throw .ledgerUnavailable("This service keeps no ledger.") }
        return ledger
    }

    /// Milliseconds.
    func reportTime() async throws -> Int64 {
        let now = try await stores.now()
        guard now > 0 else { throw Problem.ledgerUnavailable("Redis has not told the time yet.") }
        return now
    }

    private func usage(_ call: ControlCall, _ limits: ControlLimits) async throws -> ControlAnswer {
        let ledger = try await reports()
        let asked = try UsageParameters(call.query, ledger.zone, now: try await reportTime(), limits)
        let report: UsageReport
        do {
            report = try await ledger.usage(asked.query)
        } catch LedgerError.question(let text) {
            throw Problem.invalidQuery("group_by", text)
        }
        let export = asked.export
        var answer = ControlAnswer(contentType: export.contentType) { give in try await report.write(as: export, give) }
        // JSON says it, too; CSV has no place for it.
        if report.isIncomplete { answer.fields[.incomplete] = "raw rows are kept from \(Timestamp.text(report.rawSince)) on" }
        answer.fields[.contentDisposition] = asked.fileName.map { "attachment; filename=\"\($0)\"" }
        return answer
    }

    private func margins(_ call: ControlCall) async throws -> ControlAnswer {
        try call.query.allowOnly(["from", "to", "since", "revenue"])
        guard let revenue = try call.query.revenue() else {
            throw Problem.missingParameter("revenue", "Say what plans bring: ?revenue=pro:20,team:99")
        }
        let ledger = try await reports()
        let span = try call.query.span(ledger.zone, now: try await reportTime())
        let report = try await ledger.margins(from: span.from, to: span.to, revenue: revenue)
        return ControlAnswer { json in
            json.key("rows")
            json.array { json in for margin in report.rows { json.object { $0.margin(margin) } } }
            for (name, plans) in [
                ("plans_without_usage", report.plansWithoutUsage), ("plans_without_revenue", report.plansWithoutRevenue),
            ] {
                json.key(name)
                json.array { json in for plan in plans { json.string(plan) } }
            }
            json.text("time_zone", ledger.zone.name)
        }
    }
}

extension HTTPField.Name {
    /// There when rows are missing.
    fileprivate static let incomplete = HTTPField.Name("x-incomplete")!
}

extension JSONText {
    fileprivate mutating func margin(_ margin: Margin) {
        optional("tier", margin.tier)
        count("subscriptions", margin.subscriptions)
        money("revenue_usd", margin.revenue)
        money("cost_usd", margin.cost)
        money("margin_usd", margin.margin)
    }
}
