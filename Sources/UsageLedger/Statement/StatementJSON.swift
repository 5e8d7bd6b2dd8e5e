import BudgetModel

extension Statement {
    /// `{"by":"team","month":"2026-11",...,"accounts":[{"team":"red","cost_usd":1.5,"lines":[...],"corrections":[...]}],"prices":[...]}`
    package var json: [UInt8] {
        JSONText.object(capacity: 4_096) { json in
            json.text("by", by.rawValue)
            json.text("month", monthLabel)
            json.text("time_zone", timeZone)
            json.key("made_at")
            json.time(madeAt)
            json.flag("preliminary", isPreliminary)
            json.money("total_usd", total)
            json.key("accounts")
            json.array { json in for account in accounts { json.object { write(account, to: &$0) } } }
            json.key("prices")
            json.array { json in for price in prices { json.object { price.write(to: &$0) } } }
        }
    }

    private func write(_ account: Account, to json: inout JSONText) {
        json.optional(by.rawValue, account.name)
        json.count("requests", account.requests)
        json.money("cost_usd", account.total)
        for (kind, lines) in [("lines", account.lines), ("corrections", account.corrections)] {
            json.key(kind)
            json.array { json in for line in lines { json.object { write(line, to: &$0) } } }
        }
    }

    private func write(_ line: Line, to json: inout JSONText) {
        json.text("item", line.item)
        json.text("kind", line.kind)
        json.optional("price_class", line.priceClass?.rawValue)
        json.key("price_versions")
        json.array { json in for version in versions(of: line) { json.string(version) } }
        json.count("requests", line.requests)
        json.count("input_tokens", line.inputTokens)
        json.count("cached_input_tokens", line.cachedInputTokens)
        json.count("cache_write_input_tokens", line.cacheWriteInputTokens)
        json.count("output_tokens", line.outputTokens)
        json.count("reasoning_tokens", line.reasoningTokens)
        json.count("unpriced_requests", line.unpriced)
        json.money("cost_usd", line.cost)
    }

    func versions(of line: Line) -> [String] { line.price.map { prices[$0].versions } ?? [] }
}

extension Statement.Line {
    /// The word in JSON.
    fileprivate var kind: String { isComponent ? "component" : "model" }
}

extension Statement.Price {
    fileprivate func write(to json: inout JSONText) {
        json.text("item", item)
        json.text("price_class", priceClass.rawValue)
        json.key("price_versions")
        json.array { json in for version in versions { json.string(version) } }
        json.text("first", first)
        json.text("last", last)
        json.key("usd_per_million_tokens")
        guard let rates else { return json.null() }
        json.object { json in
            rates.base.write(to: &json)
            guard !rates.above.isEmpty else { return }
            json.key("above")
            json.array { json in
                for step in rates.above {
                    json.object { json in
                        json.count("input_tokens", step.threshold)
                        step.rates.write(to: &json)
                    }
                }
            }
        }
    }
}

extension ResolvedRates {
    fileprivate func write(to json: inout JSONText) {
        for (name, rate) in named {
            json.key(name)
            json.raw(Array(rate.dollarsPerMillion.utf8))
        }
        guard perRequest != 0 else { return }
        json.key("usd_per_request")
        json.raw(Array(perRequest.dollarsPerRequest.utf8))
    }
}
