import BudgetModel

extension Statement {
    /// `{"by":"team","month":"2026-11",...,"accounts":[{"team":"red","cost_usd":1.5,"lines":[...],"corrections":[...]}],"prices":[...]}`
    package var json: [UInt8] {
        var json = JSONText(capacity: 4_096)
        json.object { json in
            json.text("by", by.rawValue)
            json.text("month", monthLabel)
            json.text("time_zone", timeZone)
            json.key("made_at")
            json.time(madeAt)
            json.money("total_usd", total)
            json.key("accounts")
            json.array { json in for account in accounts { json.object { account.write(by, to: &$0) } } }
            json.key("prices")
            json.array { json in
                for span in prices {
                    json.object { json in
                        json.text("price_version", span.version)
                        json.text("first", span.first)
                        json.text("last", span.last)
                    }
                }
            }
        }
        return json.bytes
    }
}

extension Statement.Account {
    fileprivate func write(_ by: Statement.By, to json: inout JSONText) {
        json.key(by.rawValue)
        json.textOrNull(name)
        json.count("requests", requests)
        json.money("cost_usd", total)
        for (kind, lines) in [("lines", lines), ("corrections", corrections)] {
            json.key(kind)
            json.array { json in for line in lines { json.object { line.write(to: &$0) } } }
        }
    }
}

extension Statement.Line {
    fileprivate func write(to json: inout JSONText) {
        json.text("item", item)
        json.key("price_class")
        json.textOrNull(priceClass)
        json.key("price_version")
        json.textOrNull(priceVersion)
        json.count("requests", requests)
        json.count("input_tokens", inputTokens)
        json.count("cached_input_tokens", cachedInputTokens)
        json.count("output_tokens", outputTokens)
        json.count("reasoning_tokens", reasoningTokens)
        json.count("unpriced_requests", unpriced)
        json.money("cost_usd", cost)
    }
}

extension JSONText {
    fileprivate mutating func textOrNull(_ text: String?) { if let text { string(text) } else { null() } }

    fileprivate mutating func count(_ name: StaticString, _ value: Int64) {
        key(name)
        integer(value)
    }

    fileprivate mutating func money(_ name: StaticString, _ microcents: Int64) {
        key(name)
        dollars(microcents)
    }
}
