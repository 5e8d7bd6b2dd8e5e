import BudgetModel

extension Statement.ChargedRates {
    /// Beyond input, cached input, cache writes, output and reasoning: `audio input 40.00`, `above 200,000 input tokens: input 6.00`.
    var others: [String] {
        base.rare(beside: nil)
            + above.map { step in
                let changed = step.rates.common(beside: base) + step.rates.rare(beside: base)
                return "above \(Figures.count(step.threshold)) input tokens: " + changed.joined(separator: ", ")
            }
    }
}

extension TokenRate {
    /// USD per million tokens as prices are written: `2.50`, `0.075`.
    var priceText: String {
        let text = dollarsPerMillion
        guard let dot = text.firstIndex(of: ".") else { return text + ".00" }
        return text + String(repeating: "0", count: Swift.max(3 - text[dot...].count, 0))
    }
}

extension ResolvedRates {
    /// Those that every statement has columns for, where they differ from `other`.
    fileprivate func common(beside other: ResolvedRates) -> [String] {
        let rates: [(String, KeyPath<ResolvedRates, TokenRate>)] = [
            ("input", \.input), ("cached input", \.cachedInput), ("cache write", \.cacheWrite), ("output", \.output),
            ("reasoning", \.reasoning),
        ]
        return rates.compactMap { name, rate in
            self[keyPath: rate] == other[keyPath: rate] ? nil : "\(name) \(self[keyPath: rate].priceText)"
        }
    }

    /// The rest, where it costs something of its own: other than the more general kind of token, and than with `other`.
    fileprivate func rare(beside other: ResolvedRates?) -> [String] {
        let rates: [(String, KeyPath<ResolvedRates, TokenRate>, like: KeyPath<ResolvedRates, TokenRate>)] = [
            ("one-hour cache write", \.cacheWriteHour, \.cacheWrite), ("audio input", \.audioInput, \.input),
            ("cached audio input", \.cachedAudioInput, \.cachedInput), ("image input", \.imageInput, \.input),
            ("cached image input", \.cachedImageInput, \.cachedInput), ("audio output", \.audioOutput, \.output),
            ("image output", \.imageOutput, \.output),
        ]
        let found = rates.compactMap { name, rate, general -> String? in
            let own = self[keyPath: rate]
            return own == self[keyPath: general] || own == other?[keyPath: rate] ? nil : "\(name) \(own.priceText)"
        }
        let isSaid = perRequest == 0 || perRequest == other?.perRequest
        return found + (isSaid ? [] : ["$\(perRequest.dollarsPerRequest) a request"])
    }
}
