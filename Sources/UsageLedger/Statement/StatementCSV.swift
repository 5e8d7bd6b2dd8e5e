extension Statement {
    /// One line for each line of the statement, all accounts one after the other.
    package var csv: [UInt8] {
        let names = [
            "month", by.rawValue, "kind", "item", "price_class", "price_version", "requests", "input_tokens", "cached_input_tokens",
            "output_tokens", "reasoning_tokens", "unpriced_requests", "cost_usd",
        ]
        var bytes = CSVText.line(names.map(CSVText.Cell.text))
        for account in accounts {
            for line in account.lines { bytes += text(line, account, "usage") }
            for line in account.corrections { bytes += text(line, account, "correction") }
        }
        return bytes
    }

    private func text(_ line: Line, _ account: Account, _ kind: String) -> [UInt8] {
        func optional(_ text: String?) -> CSVText.Cell { text.map(CSVText.Cell.text) ?? .empty }
        return CSVText.line([
            .text(monthLabel), optional(account.name), .text(kind), .text(line.item), optional(line.priceClass),
            optional(line.priceVersion), .integer(line.requests), .integer(line.inputTokens), .integer(line.cachedInputTokens),
            .integer(line.outputTokens), .integer(line.reasoningTokens), .integer(line.unpriced), .money(line.cost),
        ])
    }
}
