package import Foundation

// Sums of the ledger.

/// What a plan brings a month.
package struct PlanRevenue: Hashable, Sendable {
    package var plan: String
    /// USD, decimal.
    package var dollars: String

    package init(plan: String, dollars: String) { (self.plan, self.dollars) = (plan, dollars) }
}

extension ControlRequest {
    /// `pro:20,team:99.50`; unchanged for none. A comma in a plan's name would begin another.
    func asking(_ name: String, _ revenue: [PlanRevenue]) -> Self {
        asking(name, revenue.isEmpty ? nil : revenue.map { "\($0.plan):\($0.dollars)" }.joined(separator: ","))
    }
}

/// What a usage report is asked. What is nil is the service's default.
package struct UsageQuestion: Hashable, Sendable {
    /// `day,model,feature`: at most one period.
    package var groups: String?
    /// Times, or dates in the report's zone; `to` is exclusive.
    package var from: String?
    package var to: String?
    /// `30d` or `12h` up to now, in place of both.
    package var since: String?
    package var timeZone: String?
    /// By dimension; several values of one have commas between.
    package var filters: [String: String] = [:]
    /// So many rows, of each period, that cost most.
    package var top: Int?
    package var detail = false
    package var averages = false
    /// `json`, `csv`, `focus` or `focus_json`.
    package var format = "json"

    package init() {}
}

extension ControlRequest where Reply == UsageReply {
    package static func usage(_ question: UsageQuestion) -> Self {
        let request = Self(.get, "usage").asking("group_by", question.groups).asking("from", question.from).asking("to", question.to)
            .asking("since", question.since).asking("time_zone", question.timeZone)
            .asking("order", question.top == nil ? nil : "cost").asking("limit", question.top.map(String.init))
            .asking("detail", question.detail ? "true" : nil).asking("averages", question.averages ? "true" : nil)
            .asking("format", question.format)
        return question.filters.sorted { $0.key < $1.key }.reduce(request) { $0.asking($1.key, $1.value) }
    }
}

extension ControlRequest where Reply == MarginsReply {
    package static func margins(revenue: [PlanRevenue], from: String?, to: String?, since: String?) -> Self {
        Self(.get, "margins").asking("revenue", revenue).asking("from", from).asking("to", to).asking("since", since)
    }
}

extension ControlRequest where Reply == DocumentReply {
    /// - Parameters:
    ///   - by: `team` or `feature`.
    ///   - month: `2026-11`.
    ///   - only: one team or feature alone.
    ///   - format: `json`, `csv` or `html`.
    package static func statement(by: String, month: String, only: String?, format: String) -> Self {
        Self(.get, "statements").asking("by", by).asking("month", month).asking("only", only).asking("format", format)
    }
}

package struct UsageReply: Decodable, Hashable, Sendable {
    package var rows: [[String: LooseValue]]
    /// RFC 3339.
    package var from: String
    package var to: String
    package var timeZone: String
    /// Raw rows are all there from here on; nil while none was removed.
    package var rawSince: String?
    /// Whether it needed raw rows that are gone.
    package var incomplete: Bool?

    private enum CodingKeys: String, CodingKey {
        case rows, from, to, incomplete
        case timeZone = "time_zone"
        case rawSince = "raw_since"
    }
}

package struct MarginsReply: Decodable, Hashable, Sendable {
    package var rows: [MarginReply]
    /// Plans of the question that nobody had, and plans that users had and the question did not name.
    package var plansWithoutUsage: [String]?
    package var plansWithoutRevenue: [String]?
    package var timeZone: String

    private enum CodingKeys: String, CodingKey {
        case rows
        case plansWithoutUsage = "plans_without_usage"
        case plansWithoutRevenue = "plans_without_revenue"
        case timeZone = "time_zone"
    }
}

package struct MarginReply: Decodable, Hashable, Sendable {
    package var tier: String?
    /// Months paid for.
    package var subscriptions: Int64
    /// USD.
    package var revenue: Decimal
    package var cost: Decimal
    package var margin: Decimal

    private enum CodingKeys: String, CodingKey {
        case tier, subscriptions
        case revenue = "revenue_usd"
        case cost = "cost_usd"
        case margin = "margin_usd"
    }
}
