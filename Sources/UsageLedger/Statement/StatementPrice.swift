package import BudgetModel

extension Statement {
    /// What a model cost from one day to another: one of these where its own price stayed the same, whatever others' did.
    package struct Price: Hashable, Sendable {
        package var item: String
        package var priceClass: PriceClass
        /// 16 hexadecimal digits each, in the order in which they began to charge.
        package var versions: [String]
        /// Labels of the first and the last day on which something was charged so.
        package var first: String
        package var last: String
        /// Discounts taken off; nil where the ledger does not know them.
        package var rates: ChargedRates?
    }

    /// Rates of a model and class, whatever the length of the input.
    package struct ChargedRates: Hashable, Sendable {
        package var base: ResolvedRates
        /// Of requests with more input tokens than this, ascending.
        package var above: [Step]

        package struct Step: Hashable, Sendable {
            package var threshold: Int64
            package var rates: ResolvedRates
        }

        init(_ price: ModelPrice, _ priceClass: PriceClass) {
            base = price.resolved(priceClass, input: 0)
            above = price.thresholds(priceClass).map { Step(threshold: $0, rates: price.resolved(priceClass, input: $0 + 1)) }
        }
    }
}

/// The prices of a statement, and which of them a version charged.
struct StatementPrices {
    private(set) var list: [Statement.Price] = []
    private var places: [Key: Int] = [:]

    private struct Key: Hashable {
        var model: String
        var priceClass: PriceClass
        var version: String
    }

    /// - Returns: the place in ``list``; nil without a price.
    func place(_ model: String, _ priceClass: PriceClass?, _ version: String) -> Int? {
        priceClass.flatMap { places[Key(model: model, priceClass: $0, version: version)] }
    }

    /// - Parameter day: label of a day on which something was charged so; days come in order.
    mutating func add(_ model: String, _ priceClass: PriceClass, _ version: String, _ rates: Statement.ChargedRates?, on day: String) {
        let key = Key(model: model, priceClass: priceClass, version: version)
        let place =
            places[key] ?? list.firstIndex { $0.item == model && $0.priceClass == priceClass && rates != nil && $0.rates == rates }
        guard let place else {
            places[key] = list.count
            list.append(
                Statement.Price(item: model, priceClass: priceClass, versions: [version], first: day, last: day, rates: rates))
            return
        }
        places[key] = place
        list[place].last = day
        if !list[place].versions.contains(version) { list[place].versions.append(version) }
    }

    /// By model and class; within each in the order of days, in which they came.
    mutating func sort() {
        let order = list.indices.sorted { a, b in
            (list[a].item, list[a].priceClass.code, a) < (list[b].item, list[b].priceClass.code, b)
        }
        var moved: [Int: Int] = [:]
        for (new, old) in order.enumerated() { moved[old] = new }
        places = places.compactMapValues { moved[$0] }
        list = order.map { list[$0] }
    }
}

extension LedgerStore {
    /// What models cost, day by day, as far as the ledger knows.
    func statementPrices(_ query: UsageQuery) async throws -> StatementPrices {
        var query = query
        query.period = .day
        query.groups = [.dimension(.model), .priceClass, .priceVersion]
        var charges: [(model: String, priceClass: PriceClass, version: String, day: String, isPriced: Bool)] = []
        for try await row in try await usage(query).rows {
            guard let model = row.keys[0], let priceClass = row.keys[1].flatMap({ PriceClass(rawValue: $0) }),
                let version = row.keys[2],
                let period = row.period
            else { continue }
            let day = zone.label(.day, from: period.start)
            charges.append((model, priceClass, version, day, row.cost != 0 || row.unpriced < row.requests))
        }
        let book = try await prices(of: Set(charges.map(\.version)))
        var prices = StatementPrices()
        for charge in charges {
            let rates = book[charge.version, charge.model].map { Statement.ChargedRates($0, charge.priceClass) }
            guard rates != nil || charge.isPriced else { continue }
            prices.add(charge.model, charge.priceClass, charge.version, rates, on: charge.day)
        }
        prices.sort()
        return prices
    }
}
