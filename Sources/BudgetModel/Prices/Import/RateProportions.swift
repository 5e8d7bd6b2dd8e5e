/// Fills in what a catalogue leaves unsaid about a class or a step, in the proportion of what it does say.
///
/// A batch at half the price and a long prompt at twice the price come to the plain price: of 413 rates that LiteLLM's release
/// 1.106.2 gives for a step of a class, 394 are in exactly that proportion. Without this a class that names no step would price
/// a long prompt like a short one.
enum RateProportions {
    /// Kinds of token whose price moves with that of a more general kind. Caches do not: classes often leave their price as it is.
    fileprivate static let generals: [(kind: Rates.Field, general: Rates.Field)] = [
        (\.cacheWriteHour, \.cacheWrite), (\.reasoning, \.output), (\.audioInput, \.input), (\.imageInput, \.input),
        (\.audioOutput, \.output), (\.imageOutput, \.output),
    ]

    /// Completes the rates of a model by class and threshold (0 is the base); true if there was anything to fill in.
    static func complete(_ levels: inout [PriceClass: [Int64: Rates]]) -> Bool {
        let before = levels
        let standard = levels[.standard] ?? [:]
        let base = standard[0] ?? Rates()
        for threshold in standard.keys where threshold > 0 { levels[.standard]?[threshold]?.addKinds(like: base) }
        for priceClass in PriceClass.allCases where priceClass != .standard {
            guard var own = levels[priceClass] else { continue }
            own[0, default: Rates()].addKinds(like: base)
            for (threshold, step) in levels[.standard] ?? [:] where threshold > 0 {
                own[threshold, default: Rates()].addStep(of: own[0] ?? Rates(), like: step, from: base)
            }
            // Where there is nothing to say, nothing is added.
            levels[priceClass] = own.filter { $0.value != Rates() }
        }
        return levels != before
    }
}

extension Rates {
    /// Adds kinds of token that `model` prices apart.
    fileprivate mutating func addKinds(like model: Rates) {
        for (kind, general) in RateProportions.generals where self[keyPath: kind] == nil {
            self[keyPath: kind] = scaled(model[keyPath: kind], from: model[keyPath: general], to: self[keyPath: general])
        }
    }

    /// Adds what a step makes of a class's own rates.
    fileprivate mutating func addStep(of own: Rates, like step: Rates, from base: Rates) {
        for (_, field) in Rates.fields where self[keyPath: field] == nil {
            self[keyPath: field] = scaled(step[keyPath: field], from: base[keyPath: field], to: own[keyPath: field])
        }
    }
}

/// `rate` x `new` / `old`, rounded up; nil where one of them is not known, or `old` is nothing.
private func scaled(_ rate: TokenRate?, from old: TokenRate?, to new: TokenRate?) -> TokenRate? {
    guard let rate, let old, let new, old > 0 else { return nil }
    let product = Int128(rate) * Int128(new)
    return TokenRate(clamping: min((product + Int128(old) - 1) / Int128(old), Int128(TokenRate.highest)))
}
