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
        guard let ledger else { throw Problem.ledgerUnavailable("This service keeps no ledger.") }
        return try await ledger.reports()
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
        let ledger = try await reports()
        let span = try call.query.span(ledger.zone, now: try await reportTime())
        let revenue = try call.query.revenue()
        let margins = try await ledger.margins(from: span.from, to: span.to, revenue: revenue)
        return ControlAnswer { json in
            json.key("rows")
            json.array { json in for margin in margins { json.object { $0.margin(margin) } } }
            json.text("time_zone", ledger.zone.name)
        }
    }
}

extension HTTPField.Name {
    /// There when rows are missing.
    fileprivate static let incomplete = HTTPField.Name("x-incomplete")!
}

extension Query {
    /// `pro:20,team:99.50`: USD a month by plan; microcents.
    fileprivate func revenue() throws(Problem) -> [Identifier: Int64] {
        guard let text = self["revenue"] else {
            throw Problem(
                400, "missing_field", "Malformed request", "Say what plans bring: ?revenue=pro:20,team:99", pointer: "/revenue")
        }
        var revenue: [Identifier: Int64] = [:]
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let words = part.split(separator: ":", omittingEmptySubsequences: false)
            let plan = Identifier(words.dropLast().joined(separator: ":"))
            guard let last = words.last, let amount = DecimalNumber(last)?.scaled(toPlaces: Money.places),
                amount <= Self.largestRevenue,
                plan.isValid, revenue.updateValue(amount, forKey: plan) == nil
            else { throw .invalidQuery("revenue", "Must be USD a month for each plan, once each, such as pro:20,team:99.50.") }
        }
        return revenue
    }

    /// A million dollars a month, microcents: sums over users and months stay far below 2^63.
    private static var largestRevenue: Int64 { 1_000_000 * 100_000_000 }
}

extension JSONText {
    fileprivate mutating func margin(_ margin: Margin) {
        key("tier")
        if let tier = margin.tier { string(tier) } else { null() }
        key("subscriptions")
        integer(margin.subscriptions)
        for (name, amount) in [("revenue_usd", margin.revenue), ("cost_usd", margin.cost), ("margin_usd", margin.margin)] {
            key(name)
            dollars(amount)
        }
    }
}
