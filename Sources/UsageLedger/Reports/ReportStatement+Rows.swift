import BudgetModel

extension ReportStatement {
    /// A line of the report out of a row of the statement.
    func row(_ row: any SQLRow, _ period: WindowBounds?) -> UsageRow {
        var line = UsageRow(period: period, keys: query.groups.enumerated().map { key($1, row, $0) })
        let sums = Sums(row: row, first: query.groups.count, measures: measures)
        line.requests = sums[.requests]
        line.inputTokens = sums[.input]
        line.outputTokens = sums[.output]
        line.cachedInputTokens = sums[.cachedInput]
        line.cacheWriteInputTokens = sums[.cacheWrite]
        line.reasoningTokens = sums[.reasoning]
        line.cost = sums[.cost]
        line.unpriced = sums[.unpriced]
        if query.withOutcomes { line.outcomes = UsageOutcomes(sums) }
        return line
    }

    private func key(_ group: UsageGroup, _ row: any SQLRow, _ column: Int) -> String? {
        switch group {
        case .priceClass: row.integer(column).flatMap { PriceClass(code: UInt8(truncatingIfNeeded: $0)) }?.rawValue
        case .correction: row.integer(column) == 1 ? "true" : "false"
        case .dimension(.user): row.text(column).map(Pseudonym.shown)
        case .dimension, .component, .priceVersion: row.text(column)
        }
    }

    /// The figures of a row, which stand after its keys.
    fileprivate struct Sums {
        let row: any SQLRow
        let first: Int
        let measures: [Measure]

        subscript(measure: Measure) -> Int64 { measures.firstIndex(of: measure).flatMap { row.integer(first + $0) } ?? 0 }
    }
}

extension UsageOutcomes {
    fileprivate init(_ sums: ReportStatement.Sums) {
        self.init(
            heldTokens: sums[.heldTokens], heldCost: sums[.heldCost], allowed: sums[.allowed], degraded: sums[.degraded],
            released: sums[.released], expired: sums[.expired], recorded: sums[.recorded], late: sums[.late],
            estimated: sums[.estimated], overHold: sums[.overHold], mismatched: sums[.mismatched], latencySum: sums[.latencySum],
            latencyCount: sums[.latencyCount])
    }
}
