/// A price in 1e-15 USD per token: fine enough for every published catalogue, so that costs are exact.
package typealias TokenRate = Int64

extension TokenRate {
    /// 1e-15 USD in one microcent.
    package static let perMicrocent: Int64 = 10_000_000
    /// USD has this many decimal places in a ``TokenRate``, and USD per million tokens six fewer.
    static let places = 15
    static let placesPerMillion = 9
    /// Highest rate accepted: a dollar per token, far above any price on earth.
    static let highest: TokenRate = 1_000_000_000_000_000

    /// USD per million tokens, exact: `2.5`.
    package var dollarsPerMillion: String { decimalText(self, places: Self.placesPerMillion) }
    /// Of a price for each request: USD, exact.
    package var dollarsPerRequest: String { decimalText(self, places: Self.places) }
}

/// What tokens of each kind cost; nil is "as the next more general rates say".
package struct Rates: Hashable, Sendable {
    package var input: TokenRate?
    package var cachedInput: TokenRate?
    /// Input written to the provider's cache for five minutes, or for a time nobody told.
    package var cacheWrite: TokenRate?
    /// Input written to the provider's cache for an hour.
    package var cacheWriteHour: TokenRate?
    package var audioInput: TokenRate?
    package var cachedAudioInput: TokenRate?
    package var imageInput: TokenRate?
    package var cachedImageInput: TokenRate?
    package var output: TokenRate?
    package var reasoning: TokenRate?
    package var audioOutput: TokenRate?
    package var imageOutput: TokenRate?
    /// 1e-15 USD for the request itself, whatever its tokens.
    package var perRequest: Int64?
    package init() {}

    typealias Field = any WritableKeyPath<Rates, TokenRate?> & Sendable

    /// The rates per token, by their names in documents.
    static let fields: [(name: String, field: Field)] = [
        ("input", \.input), ("cached_input", \.cachedInput), ("cache_write", \.cacheWrite), ("cache_write_1h", \.cacheWriteHour),
        ("audio_input", \.audioInput), ("cached_audio_input", \.cachedAudioInput), ("image_input", \.imageInput),
        ("cached_image_input", \.cachedImageInput), ("output", \.output), ("reasoning", \.reasoning),
        ("audio_output", \.audioOutput), ("image_output", \.imageOutput),
    ]

    /// Highest price of a request: a thousand dollars.
    static let highestPerRequest: Int64 = 1_000 * 1_000_000_000_000_000
}

extension Rates {
    /// Puts every rate of more particular ones in the place of its own.
    mutating func override(with particular: Rates) {
        input = particular.input ?? input
        cachedInput = particular.cachedInput ?? cachedInput
        cacheWrite = particular.cacheWrite ?? cacheWrite
        cacheWriteHour = particular.cacheWriteHour ?? cacheWriteHour
        audioInput = particular.audioInput ?? audioInput
        cachedAudioInput = particular.cachedAudioInput ?? cachedAudioInput
        imageInput = particular.imageInput ?? imageInput
        cachedImageInput = particular.cachedImageInput ?? cachedImageInput
        output = particular.output ?? output
        reasoning = particular.reasoning ?? reasoning
        audioOutput = particular.audioOutput ?? audioOutput
        imageOutput = particular.imageOutput ?? imageOutput
        perRequest = particular.perRequest ?? perRequest
    }

    /// Nothing has a price above zero.
    var isFree: Bool { perRequest ?? 0 == 0 && Self.fields.allSatisfy { self[keyPath: $0.field] ?? 0 == 0 } }

    /// Every rate there is, changed in one way.
    func mapped(_ change: (Int64) -> Int64) -> Rates {
        var result = self
        for (_, field) in Self.fields { result[keyPath: field] = self[keyPath: field].map(change) }
        result.perRequest = perRequest.map(change)
        return result
    }
}

/// Rates, and the rates of requests whose input is longer than a threshold.
package struct SteppedRates: Hashable, Sendable {
    package var base = Rates()
    /// Ascending thresholds; a request with more input tokens is priced whole at those rates.
    package var above: [(threshold: Int64, rates: Rates)] = []
    package init() {}

    /// The rates of a request with `input` tokens: the highest step passed, what it leaves out as in lower ones, then the base.
    func applying(to input: Int64) -> Rates {
        var rates = base
        for step in above where input > step.threshold { rates.override(with: step.rates) }
        return rates
    }

    func mapped(_ change: (Int64) -> Int64) -> SteppedRates {
        var result = self
        result.base = base.mapped(change)
        result.above = above.map { ($0.threshold, $0.rates.mapped(change)) }
        return result
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
