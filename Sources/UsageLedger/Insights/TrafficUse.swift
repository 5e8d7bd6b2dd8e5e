import BudgetModel

/// All that is kept of a feature's requests of a model.
struct TrafficUse {
    private(set) var input = Distribution()
    private(set) var cached: Int64 = 0
    /// Of requests with a grant.
    private(set) var output = Distribution()
    private(set) var granted = Distribution()
    let price: ModelPrice?
    private(set) var rungs: [Identifier: Trade] = [:]
    /// Requests that a label lets wait, and all that are paid at the full price.
    private(set) var labelled = Trade()
    private(set) var direct = Trade()
    private(set) var hours: Set<Int> = []
    private(set) var days: Set<Int> = []
    /// Whether the model has batch rates; without, half the price is assumed.
    private(set) var hasBatchRates = false

    var requests: Int64 { input.count }

    init(price: ModelPrice?) { self.price = price }

    /// What some requests cost, and what the same tokens would cost elsewhere: microcents.
    struct Trade: Hashable {
        var requests: Int64 = 0
        var cost: Int64 = 0
        var otherCost: Int64 = 0
        var saving: Int64 { cost - otherCost }

        mutating func add(_ cost: Int64, insteadOf other: Int64) {
            requests += 1
            self.cost.addSaturating(cost)
            otherCost.addSaturating(other)
        }
    }

    mutating func add(_ row: SurveyRow, _ lens: SurveyLens, _ when: (day: Int, hour: Int), _ limits: InsightLimits) {
        input.add(row.usage.inputTokens)
        cached.addSaturating(row.usage.cachedInputTokens)
        if let granted = row.granted, granted > 0 {
            self.granted.add(granted)
            output.add(row.usage.outputTokens)
        }
        guard let cost = row.cost else { return }
        compareRungs(row, cost, lens, limits)
        compareBatch(row, cost, lens, when)
    }

    /// The first rung that is cheaper counts: ops put the ladder in the order in which models may stand in for each other.
    private mutating func compareRungs(_ row: SurveyRow, _ cost: Int64, _ lens: SurveyLens, _ limits: InsightLimits) {
        guard !lens.rungs.isEmpty, row.usage.inputTokens <= limits.smallInput, row.usage.outputTokens <= limits.smallOutput,
            row.usage.reasoningTokens == 0
        else { return }
        for rung in lens.rungs where row.usage.outputTokens <= rung.price.maximumOutput ?? .max {
            let rates = rung.price.resolved(lens.priceClass, input: row.usage.inputTokens)
            guard let other = rates.cost(of: row.usage), other < cost else { continue }
            return rungs[rung.model, default: Trade()].add(cost, insteadOf: other)
        }
    }

    private mutating func compareBatch(_ row: SurveyRow, _ cost: Int64, _ lens: SurveyLens, _ when: (day: Int, hour: Int)) {
        guard lens.priceClass == .standard || lens.priceClass == .priority else { return }
        hasBatchRates = lens.price?.classes[.batch] != nil
        let rates = hasBatchRates ? lens.price?.resolved(.batch, input: row.usage.inputTokens) : nil
        let other = min(rates?.cost(of: row.usage) ?? (cost - cost / 2), cost)
        direct.add(cost, insteadOf: other)
        hours.insert(when.hour)
        days.insert(when.day)
        if row.canWait { labelled.add(cost, insteadOf: other) }
    }
}
