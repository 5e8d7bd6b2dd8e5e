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
    /// First millisecond after the month.
    package var monthEnd: Int64
    /// By name; who named none comes first.
    package var accounts: [Account]
    /// What models cost in the month, by model, class and the first day it charged something.
    package var prices: [Price]

    package struct Account: Hashable, Sendable {
        /// nil: usage without a team.
        package var name: String?
        /// Of the month, booked while it ran; models first, then components.
        package var lines: [Line]
        /// Of the month, but booked after it was over.
        package var corrections: [Line]

        /// Microcents.
        package var total: Int64 { (lines + corrections).reduce(0) { bounded($0, plus: $1.cost) } }
        package var requests: Int64 { (lines + corrections).reduce(0) { $0 + $1.requests } }
    }

    /// What a model cost, as long as its own price was the same.
    package struct Line: Hashable, Sendable {
        /// A model, or the component of a non-token cost.
        package var item: String
        /// Whether ``item`` is a component: what is not counted in tokens has no class, no price and no requests.
        package var isComponent: Bool
        package var priceClass: PriceClass?
        /// Of ``Statement/prices``; nil without a price.
        package var price: Int?
        package var requests: Int64 = 0
        package var inputTokens: Int64 = 0
        /// Parts of the input.
        package var cachedInputTokens: Int64 = 0
        package var cacheWriteInputTokens: Int64 = 0
        package var outputTokens: Int64 = 0
        /// Part of the output.
        package var reasoningTokens: Int64 = 0
        /// Microcents, as charged.
        package var cost: Int64 = 0
        /// Requests whose model had no price: in the tokens, not in the cost.
        package var unpriced: Int64 = 0
    }

    /// Microcents.
    package var total: Int64 { accounts.reduce(0) { bounded($0, plus: $1.total) } }
    package var requests: Int64 { accounts.reduce(0) { $0 + $1.requests } }
    /// `2026-11`
    package var monthLabel: String { "\(year)-\(two(month))" }
    /// The month has not ended: there is more to come.
    package var isPreliminary: Bool { madeAt < monthEnd }

    /// Whether the price of what a line is about changed within the month.
    func isPriceChanged(_ line: Line) -> Bool {
        prices.count { $0.item == line.item && $0.priceClass == line.priceClass } > 1
    }
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
        let prices = try await statementPrices(query)
        return Statement(
            by: by, year: year, month: month, timeZone: zone.name, madeAt: now, monthEnd: bounds.end,
            accounts: try await accounts(by, query, prices), prices: prices.list)
    }

    private func accounts(
        _ by: Statement.By, _ query: UsageQuery, _ prices: StatementPrices
    ) async throws -> [Statement.Account] {
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
            let line = Statement.Line(row, prices)
            if row.keys[5] == "true" {
                accounts[place].corrections.add(line)
            } else {
                accounts[place].lines.add(line)
            }
        }
        return accounts.map { account in
            Statement.Account(name: account.name, lines: account.lines.ordered, corrections: account.corrections.ordered)
        }
    }
}

extension Statement.Line {
    /// - Parameter row: grouped by account, model, component, price class, price version and correction.
    init(_ row: UsageRow, _ prices: StatementPrices) {
        let isComponent = row.keys[1] == nil && row.keys[2] != nil
        self.init(item: row.keys[1] ?? row.keys[2] ?? "unknown", isComponent: isComponent)
        if !isComponent {
            priceClass = row.keys[3].flatMap { PriceClass(rawValue: $0) }
            price = row.keys[4].flatMap { prices.place(item, priceClass, $0) }
        }
        requests = row.requests
        inputTokens = row.inputTokens
        cachedInputTokens = row.cachedInputTokens
        cacheWriteInputTokens = row.cacheWriteInputTokens
        outputTokens = row.outputTokens
        reasoningTokens = row.reasoningTokens
        cost = row.cost
        unpriced = row.unpriced
    }

    fileprivate func isAbout(_ other: Self) -> Bool {
        item == other.item && isComponent == other.isComponent && priceClass == other.priceClass && price == other.price
    }

    fileprivate static func += (sum: inout Self, other: Self) {
        sum.requests += other.requests
        sum.inputTokens = bounded(sum.inputTokens, plus: other.inputTokens)
        sum.cachedInputTokens = bounded(sum.cachedInputTokens, plus: other.cachedInputTokens)
        sum.cacheWriteInputTokens = bounded(sum.cacheWriteInputTokens, plus: other.cacheWriteInputTokens)
        sum.outputTokens = bounded(sum.outputTokens, plus: other.outputTokens)
        sum.reasoningTokens = bounded(sum.reasoningTokens, plus: other.reasoningTokens)
        sum.cost = bounded(sum.cost, plus: other.cost)
        sum.unpriced += other.unpriced
    }
}

extension [Statement.Line] {
    /// Versions of the prices that charged a model the same are one line.
    fileprivate mutating func add(_ line: Statement.Line) {
        guard let place = firstIndex(where: { line.isAbout($0) }) else { return append(line) }
        self[place] += line
    }

    fileprivate var ordered: [Statement.Line] {
        sorted { a, b in
            (a.isComponent ? 1 : 0, a.item, a.priceClass?.code ?? 0, a.price ?? -1)
                < (b.isComponent ? 1 : 0, b.item, b.priceClass?.code ?? 0, b.price ?? -1)
        }
    }
}
