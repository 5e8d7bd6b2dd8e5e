package import BudgetModel

/// What each team, or feature, owes for a month: showback, or the ground of a charge.
package struct Statement: Hashable, Sendable {
    package enum By: String, CaseIterable, Sendable {
        case team, feature

        var dimension: Dimension { self == .team ? .team : .feature }
    }

    package var by: By
    package var year: Int
    package var month: Int
    /// IANA name of the zone whose month it is.
    package var timeZone: String
    /// When it was made, milliseconds: later bookings of the month show as corrections next time.
    package var madeAt: Int64
    /// By name; who named none comes first.
    package var accounts: [Account]
    /// Catalogues of prices that were in force, by the first day they charged something.
    package var prices: [PriceSpan]

    package struct Account: Hashable, Sendable {
        /// nil: usage without a team.
        package var name: String?
        /// Of the month, booked while it ran; by model.
        package var lines: [Line]
        /// Of the month, but booked after it was over.
        package var corrections: [Line]

        /// Microcents.
        package var total: Int64 { (lines + corrections).reduce(0) { bounded($0, plus: $1.cost) } }
        package var requests: Int64 { (lines + corrections).reduce(0) { $0 + $1.requests } }
    }

    package struct Line: Hashable, Sendable {
        /// A model, or the component of a non-token cost.
        package var item: String
        package var priceClass: String?
        /// 16 hexadecimal digits; nil without prices.
        package var priceVersion: String?
        package var requests: Int64
        package var inputTokens: Int64
        /// Part of the input.
        package var cachedInputTokens: Int64
        package var outputTokens: Int64
        /// Part of the output.
        package var reasoningTokens: Int64
        /// Microcents, as charged.
        package var cost: Int64
        /// Requests whose model had no price: in the tokens, not in the cost.
        package var unpriced: Int64
    }

    /// From when until when a version of the prices charged something in the month; both are day labels.
    package struct PriceSpan: Hashable, Sendable {
        package var version: String
        package var first: String
        package var last: String
    }

    /// Microcents.
    package var total: Int64 { accounts.reduce(0) { bounded($0, plus: $1.total) } }
    /// `2026-11`
    package var monthLabel: String { "\(year)-\(two(month))" }
}

extension LedgerStore {
    /// The statement of a month of the ledger's zone.
    /// - Parameters:
    ///   - only: one team's or feature's account alone.
    ///   - now: milliseconds.
    package func statement(
        by: Statement.By, year: Int, month: Int, only: Identifier? = nil, now: Int64
    ) async throws -> Statement {
        guard (1970...9999).contains(year), (1...12).contains(month) else { throw LedgerError.question("There is no such month.") }
        // The middle of the month is in it in every zone.
        let middle = Int64(CivilDate(year: year, month: month, day: 15).dayNumber) * 86_400_000
        let bounds = zone.clock.bounds(of: .month(anchorDay: 1), at: middle)
        var query = UsageQuery(from: bounds.start, to: bounds.end)
        if let only { query.filters = [.dimension(by.dimension): [only]] }
        return Statement(
            by: by, year: year, month: month, timeZone: zone.name, madeAt: now, accounts: try await accounts(by, query),
            prices: try await prices(query))
    }

    private func accounts(_ by: Statement.By, _ query: UsageQuery) async throws -> [Statement.Account] {
        var query = query
        query.groups = [
            .dimension(by.dimension), .dimension(.model), .component, .priceClass, .priceVersion, .correction,
        ]
        var accounts: [Statement.Account] = []
        for try await row in try await usage(query).rows {
            if accounts.last.map({ $0.name == row.keys[0] }) != true {
                accounts.append(Statement.Account(name: row.keys[0], lines: [], corrections: []))
            }
            let place = accounts.count - 1
            if row.keys[5] == "true" {
                accounts[place].corrections.append(Statement.Line(row))
            } else {
                accounts[place].lines.append(Statement.Line(row))
            }
        }
        return accounts
    }

    private func prices(_ query: UsageQuery) async throws -> [Statement.PriceSpan] {
        var query = query
        query.period = .day
        query.groups = [.priceVersion]
        var spans: [Statement.PriceSpan] = []
        for try await row in try await usage(query).rows {
            guard let version = row.keys[0], let period = row.period else { continue }
            let day = zone.label(.day, from: period.start)
            if let place = spans.firstIndex(where: { $0.version == version }) {
                spans[place].last = day
            } else {
                spans.append(Statement.PriceSpan(version: version, first: day, last: day))
            }
        }
        return spans
    }
}

extension Statement.Line {
    /// - Parameter row: grouped by account, model, component, price class, price version and correction.
    init(_ row: UsageRow) {
        self.init(
            item: row.keys[1] ?? row.keys[2] ?? "unknown", priceClass: row.keys[3], priceVersion: row.keys[4], requests: row.requests,
            inputTokens: row.inputTokens, cachedInputTokens: row.cachedInputTokens, outputTokens: row.outputTokens,
            reasoningTokens: row.reasoningTokens, cost: row.cost, unpriced: row.unpriced)
    }
}
