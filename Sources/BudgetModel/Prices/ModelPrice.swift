/// One model of the catalogue.
package struct ModelPrice: Hashable, Sendable {
    /// The standard class; `input` is always there.
    package var standard = SteppedRates()
    package var classes: [PriceClass: SteppedRates] = [:]
    package var maximumOutput: Int64?
    package init() {}

    /// The rates of a request with `input` tokens in all: its class's own; what is absent there the standard ones; what is absent
    /// there, too, costs what the next more general kind of token costs (see ``ResolvedRates``).
    package func resolved(_ priceClass: PriceClass, input: Int64) -> ResolvedRates {
        var rates = standard.applying(to: input)
        if priceClass != .standard, let own = classes[priceClass] { rates.override(with: own.applying(to: input)) }
        return ResolvedRates(rates)
    }

    /// Input lengths beyond which a request of a class is priced otherwise, ascending.
    package func thresholds(_ priceClass: PriceClass) -> [Int64] {
        let own = priceClass == .standard ? [] : classes[priceClass]?.above ?? []
        return Set((standard.above + own).map(\.threshold)).sorted()
    }

    func mapped(_ change: (Int64) -> Int64) -> ModelPrice {
        var result = self
        result.standard = standard.mapped(change)
        result.classes = classes.mapValues { $0.mapped(change) }
        return result
    }
}
