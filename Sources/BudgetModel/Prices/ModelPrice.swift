/// How a request is billed by its provider.
package enum PriceClass: String, CaseIterable, Sendable, Hashable {
    case standard, batch, flex, priority

    /// The class in a reservation id; never change one.
    package var code: UInt8 {
        switch self {
        case .standard: 0
        case .batch: 1
        case .flex: 2
        case .priority: 3
        }
    }

    package init?(code: UInt8) {
        guard let found = Self.allCases.first(where: { $0.code == code }) else { return nil }
        self = found
    }
}

/// A price in 1e-15 USD per token: fine enough for every published catalogue, so that costs are exact.
package typealias TokenRate = Int64

extension TokenRate {
    /// 1e-15 USD in one microcent.
    package static let perMicrocent: Int64 = 10_000_000
    /// USD per million tokens has this many decimal places in a ``TokenRate``.
    static let placesPerMillion = 9
}

/// What tokens of each kind cost; nil is "as the next more general rates say".
package struct Rates: Hashable, Sendable {
    package var input: TokenRate?
    package var cachedInput: TokenRate?
    package var cacheWrite: TokenRate?
    package var output: TokenRate?
    package init() {}
}

/// Rates, and the rates of requests whose input is longer than a threshold.
package struct SteppedRates: Hashable, Sendable {
    package var base = Rates()
    /// Ascending thresholds; a request with more input tokens is priced whole at those rates.
    package var above: [(threshold: Int64, rates: Rates)] = []
    package init() {}

    /// The rates that apply to a request with `input` tokens, the most particular first: the highest step passed, lower ones, base.
    func applying(to input: Int64) -> [Rates] {
        if above.isEmpty { return [base] }
        return above.reversed().filter { input > $0.threshold }.map(\.rates) + [base]
    }

    package static func == (a: SteppedRates, b: SteppedRates) -> Bool {
        a.base == b.base && a.above.elementsEqual(b.above) { $0 == $1 }
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(base)
        for step in above {
            hasher.combine(step.threshold)
            hasher.combine(step.rates)
        }
    }
}

/// One model of the catalogue.
package struct ModelPrice: Hashable, Sendable {
    /// The standard class; `input` is always there.
    package var standard = SteppedRates()
    package var classes: [PriceClass: SteppedRates] = [:]
    package var maximumOutput: Int64?
    package init() {}

    /// The rates of a request with `input` tokens in all: its class's own; what is absent there the standard ones; what is absent
    /// there, too, costs what its input costs.
    package func resolved(_ priceClass: PriceClass, input: Int64) -> ResolvedRates {
        // Most requests, without a list to look through.
        if classes[priceClass] == nil, standard.above.isEmpty {
            let plain = standard.base.input ?? 0
            return ResolvedRates(
                input: plain, cachedInput: standard.base.cachedInput ?? plain, cacheWrite: standard.base.cacheWrite ?? plain,
                output: standard.base.output ?? plain)
        }
        let order = (classes[priceClass]?.applying(to: input) ?? []) + standard.applying(to: input)
        func first(_ field: (Rates) -> TokenRate?) -> TokenRate? {
            for rates in order { if let rate = field(rates) { return rate } }
            return nil
        }
        let plain = first(\.input) ?? 0
        return ResolvedRates(
            input: plain, cachedInput: first(\.cachedInput) ?? plain, cacheWrite: first(\.cacheWrite) ?? plain,
            output: first(\.output) ?? plain)
    }
}

/// Every rate of one request, none left open.
package struct ResolvedRates: Hashable, Sendable {
    package var input: TokenRate
    package var cachedInput: TokenRate
    package var cacheWrite: TokenRate
    package var output: TokenRate

    /// The cost in microcents, rounded up once; nil above ``Amount/maximum``.
    package func cost(of usage: Usage) -> Int64? {
        let plain = usage.inputTokens - usage.cachedInputTokens - usage.cacheWriteInputTokens
        let total =
            Int128(plain) * Int128(input) + Int128(usage.cachedInputTokens) * Int128(cachedInput)
            + Int128(usage.cacheWriteInputTokens) * Int128(cacheWrite) + Int128(usage.outputTokens) * Int128(output)
        return microcents(total)
    }

    /// The cost of an estimate: all input at the plain rate.
    package func line(input tokens: Int64) -> CostLine { CostLine(fixed: Int128(tokens) * Int128(input), perOutput: output) }
}

/// Cost as a function of output tokens: what a script needs to find the longest answer that still fits.
package struct CostLine: Hashable, Sendable {
    /// 1e-15 USD whatever the output.
    package var fixed: Int128
    package var perOutput: TokenRate

    /// Microcents for `output` tokens, rounded up once; nil above ``Amount/maximum``.
    package func cost(output: Int64) -> Int64? { microcents(fixed + Int128(output) * Int128(perOutput)) }
}

private func microcents(_ total: Int128) -> Int64? {
    let unit = Int128(TokenRate.perMicrocent)
    let rounded = (total + unit - 1) / unit
    return rounded > Int128(Amount.maximum) ? nil : Int64(rounded)
}
