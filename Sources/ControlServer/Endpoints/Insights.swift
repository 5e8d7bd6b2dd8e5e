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
        let ledger = try await ledgerForInsights()
        let now = try await stores.now()
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
        try call.query.allowOnly(["from", "to", "revenue"])
        let revenue = try call.query.revenue()
        let ledger = try await ledgerForInsights()
        let now = try await stores.now()
        let to = try min(call.query.instant("to", ledger.zone) ?? now, now)
        let from = try call.query.instant("from", ledger.zone) ?? to - Self.insightDays * 86_400_000
        guard from < to else { throw Problem.badParameter("from", "Must be before to, which is at most now.") }
        let state = try await keeper.current()
        let prices = PolicySnapshot(
            state.policy?.document.policy ?? Policy(), prices: state.prices?.document ?? PriceDocument(), at: now)
        var query = InsightQuery(from: from, to: to, prices: prices)
        query.revenue = revenue
        let report = try await ledger.insights(query)
        return ControlAnswer { $0.report(report, asked: query) }
    }

    /// Days looked back unless the caller says from when.
    private static let insightDays: Int64 = 7

    private func ledgerForInsights() async throws -> LedgerStore {
        guard let ledger else { throw LedgerError.unreachable("this service keeps none") }
        return try await ledger.reports()
    }
}

// MARK: Parameters

extension Query {
    /// Dimensions that days are kept by, without users: those would be too many.
    private static let forecastDimensions: [Dimension] = [.feature, .tier, .team, .environment, .plan, .model]

    fileprivate func forecastDimension() throws(Problem) -> Dimension? {
        guard let text = self["by"] else { return nil }
        guard let dimension = Dimension(rawValue: text), Self.forecastDimensions.contains(dimension) else {
            let known = Self.forecastDimensions.map(\.rawValue).joined(separator: ", ")
            throw .badParameter("by", "Must be one of \(known).")
        }
        return dimension
    }

    fileprivate func user() throws(Problem) -> Identifier? {
        guard let text = self["user"] else { return nil }
        let user = Identifier(text)
        guard user.isValid else {
            throw Problem(
                400, "invalid_user", "Malformed request", "The user must be 1 to 256 bytes of UTF-8 without control characters.",
                pointer: "/user")
        }
        return user
    }

    /// A time, or a date: its first moment in the ledger's zone.
    fileprivate func instant(_ name: String, _ zone: LedgerZone) throws(Problem) -> Int64? {
        guard let text = self[name] else { return nil }
        guard let time = Timestamp.milliseconds(text), time >= 0 else {
            throw .badParameter(name, "Must be a date or a time, such as 2026-12-01 or 2026-12-01T09:00:00Z.")
        }
        guard text.utf8.count == 10 else { return time }
        // Noon in UTC of the next day, the same and the one before: one of them lies in the date as the zone has it.
        let day = Int(time / 86_400_000)
        let noons = (-1...1).map { time + 43_200_000 + $0 * 86_400_000 }
        return noons.first { zone.clock.localTime(at: $0).day == day }.map { zone.clock.bounds(of: .day, at: $0).start } ?? time
    }

    /// `pro:20,team:99.50`: dollars a month by plan.
    fileprivate func revenue() throws(Problem) -> [Identifier: Int64] {
        guard let text = self["revenue"] else { return [:] }
        var revenue: [Identifier: Int64] = [:]
        for pair in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let colon = pair.lastIndex(of: ":"), colon != pair.startIndex,
                let amount = DecimalNumber(pair[pair.index(after: colon)...])?.scaled(toPlaces: Money.places), amount <= Amount.maximum,
                revenue.updateValue(amount, forKey: Identifier(String(pair[..<colon]))) == nil
            else { throw .badParameter("revenue", "Must be plans with dollars a month, such as pro:20,team:99.50, each plan once.") }
        }
        return revenue
    }
}

extension Problem {
    fileprivate static func badParameter(_ name: String, _ detail: String) -> Problem {
        Problem(400, "invalid_query", "Malformed request", detail, pointer: "/\(name)")
    }
}
