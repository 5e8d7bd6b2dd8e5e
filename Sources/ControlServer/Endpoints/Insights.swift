import BudgetHTTP
import BudgetModel
import BudgetStore
import HTTPTypes
import UsageLedger

/// `GET /v1/forecast` and `GET /v1/insights`: what is to come, and what could cost less.
extension ControlDesk {
    func insights() -> [Endpoint] {
        [
            Endpoint(.get, "/v1/forecast", .read, body: 0) { try await self.forecast($0) },
            Endpoint(.get, "/v1/insights", .read, body: 0) { try await self.insights($0) },
        ]
    }

    private func forecast(_ call: ControlCall) async throws -> ControlAnswer {
        try call.query.allowOnly(["by", "user"])
        let dimension = try call.query.forecastDimension()
        let user = try call.query.user()
        let ledger = try await reports()
        let now = try await reportTime()
        let spend = try await ledger.forecast(now: now, by: dimension, user: user)
        let policy = try await keeper.current().policy?.document.policy
        let outlooks = try await counters(of: user).filter { $0.unit != .inFlight && !$0.shadow }.map { state in
            AllowanceOutlook(state, policy?.allowance(named: state.name, state.unit), now: now)
        }
        return ControlAnswer { json in
            json.key("at")
            json.time(now)
            json.text("time_zone", spend.zone.name)
            json.text("month", spend.label)
            if let user { json.text("user", user.text) }
            json.key("spend")
            json.object { $0.forecast(spend.total, user.map { "User \(Figures.name($0.text))" } ?? "Everything", spend.label) }
            if let dimension { json.groups(spend, by: dimension) }
            json.key("allowances")
            json.array { json in for outlook in outlooks { json.outlook(outlook) } }
        }
    }

    /// A user's counters; those that many share for nil.
    private func counters(of user: Identifier?) async throws -> [AllowanceState] {
        guard let user else { return try await stores.ask { $0.allowances($1) }.states }
        return try await stores.ask { $0.account(user, $1) }.state.allowances
    }

    private func insights(_ call: ControlCall) async throws -> ControlAnswer {
        try call.query.allowOnly(["from", "to", "since", "revenue"])
        let revenue = try call.query.revenue()
        let ledger = try await reports()
        let now = try await reportTime()
        let span = try call.query.span(ledger.zone, lastDays: Self.insightDays, now: now)
        let state = try await keeper.current()
        let prices = PolicySnapshot(
            state.policy?.document.policy ?? Policy(), prices: state.prices?.document ?? PriceDocument(), at: now)
        var query = InsightQuery(from: span.from, to: span.to, prices: prices)
        query.revenue = revenue ?? [:]
        let report = try await ledger.insights(query)
        return ControlAnswer { $0.report(report, asked: query) }
    }

    /// Days looked back unless the caller says from when.
    private static let insightDays: Int64 = 7
}

// MARK: Parameters

extension Query {
    /// Dimensions that days are kept by, without users: those would be too many.
    private static let forecastDimensions: [Dimension] = [.feature, .tier, .team, .environment, .plan, .model]

    fileprivate func forecastDimension() throws(Problem) -> Dimension? {
        guard let text = self["by"] else { return nil }
        guard let dimension = Dimension(rawValue: text), Self.forecastDimensions.contains(dimension) else {
            let known = Self.forecastDimensions.map(\.rawValue).joined(separator: ", ")
            throw .invalidQuery("by", "Must be one of \(known).")
        }
        return dimension
    }
}
