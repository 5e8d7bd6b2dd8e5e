import BudgetModel

extension Statement {
    private static let ratesOfCSV = ["input", "cached_input", "cache_write", "output", "reasoning"]

    /// One line for each line of the statement, all accounts one after the other, each with what it was charged by.
    package var csv: [UInt8] {
        let names =
            [
                "month", by.rawValue, "kind", "item", "price_class", "price_versions", "requests", "input_tokens",
                "cached_input_tokens", "cache_write_input_tokens", "output_tokens", "reasoning_tokens", "unpriced_requests",
                "cost_usd", "price_first", "price_last",
            ] + Self.ratesOfCSV.map { "\($0)_usd_per_million" } + ["other_rates", "preliminary", "time_zone", "made_at"]
        var bytes = CSVText.line(names.map(CSVText.Cell.text))
        for account in accounts {
            for line in account.lines { bytes += text(line, account, line.isComponent ? "component" : "usage") }
            for line in account.corrections { bytes += text(line, account, "correction") }
        }
        return bytes
    }

    private func text(_ line: Line, _ account: Account, _ kind: String) -> [UInt8] {
        let versions = versions(of: line)
        var cells: [CSVText.Cell] = [
            .text(monthLabel), CSVText.Cell(account.name), .text(kind), .text(line.item), CSVText.Cell(line.priceClass?.rawValue),
            versions.isEmpty ? .empty : .text(versions.joined(separator: " ")), .integer(line.requests),
        ]
        cells += [
            .integer(line.inputTokens), .integer(line.cachedInputTokens), .integer(line.cacheWriteInputTokens),
            .integer(line.outputTokens), .integer(line.reasoningTokens), .integer(line.unpriced), .money(line.cost),
        ]
        cells += priceCells(line)
        cells += [.text(isPreliminary ? "true" : "false"), .text(timeZone), .text(Timestamp.text(madeAt))]
        return CSVText.line(cells)
    }

    private func priceCells(_ line: Line) -> [CSVText.Cell] {
        guard let price = line.price.map({ prices[$0] }) else {
            return Array(repeating: .empty, count: Self.ratesOfCSV.count + 3)
        }
        let span: [CSVText.Cell] = [.text(price.first), .text(price.last)]
        guard let rates = price.rates else { return span + Array(repeating: .empty, count: Self.ratesOfCSV.count + 1) }
        let named = Dictionary(uniqueKeysWithValues: rates.base.named.map { ("\($0.name)", $0.rate) })
        let columns = Self.ratesOfCSV.map { CSVText.Cell.decimal((named[$0] ?? 0).dollarsPerMillion) }
        return span + columns + [rates.others.isEmpty ? .empty : .text(rates.others.joined(separator: "; "))]
    }
}
