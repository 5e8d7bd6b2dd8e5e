/// One entry of LiteLLM's catalogue as it is read, field by field.
struct CatalogueEntry {
    /// Why an entry is not taken.
    struct Refusal: Error {
        var reason: ImportReport.Skip
        var detail: String?
    }

    private var rates: [PriceClass: [Int64: Rates]] = [:]
    private var mode: String?
    private var maximumOutput: Int64?
    private var legacyMaximum: Int64?
    /// A price of something else than tokens and requests, such as seconds or images.
    private var hasOtherUnit = false
    /// Prices that 1e-15 USD could not hold, and were rounded up.
    private(set) var isRounded = false
    private(set) var pricesPassedOver: [String] = []
    private(set) var fieldsPassedOver: [String] = []

    init(_ value: JSONValue) throws(Refusal) {
        guard case .object(let fields) = value else { throw Refusal(reason: .malformed, detail: "it is no object") }
        for (name, value) in fields { try read(name, value) }
        // An older name of the same price.
        let hit = "input_cost_per_token_cache_hit"
        if rates[.standard]?[0]?.cachedInput == nil, let older = value[hit] { try set(\.cachedInput, hit, older, above: 0, .standard) }
    }

    private mutating func read(_ name: String, _ value: JSONValue) throws(Refusal) {
        if let field = CatalogueField(name) {
            return try set(field.rate, name, value, above: field.threshold, field.priceClass)
        }
        switch name {
        case "mode": mode = value.text
        case "max_output_tokens": maximumOutput = value.integer
        case "max_tokens": legacyMaximum = value.integer
        case "tiered_pricing": try readTiers(value)
        case "input_cost_per_token_cache_hit": break
        case _ where Self.speaksOfPrices(name): passOverPrice(name, value)
        case _ where Self.isAboutTheModel(name): break
        default: fieldsPassedOver.append(name)
        }
    }

    private mutating func set(
        _ rate: Rates.Field, _ name: String, _ value: JSONValue, above threshold: Int64, _ priceClass: PriceClass
    ) throws(Refusal) {
        if value.isNull { return }
        let isRequest = rate == \Rates.perRequest
        guard case .number(let text) = value, let number = DecimalNumber(text),
            let price = number.scaled(toPlaces: TokenRate.places, roundingUp: true),
            price <= (isRequest ? Rates.highestPerRequest : TokenRate.highest)
        else { throw Refusal(reason: .malformed, detail: "\(name) is no price") }
        if number.scaled(toPlaces: TokenRate.places) == nil { isRounded = true }
        rates[priceClass, default: [:]][threshold, default: Rates()][keyPath: rate] = price
    }

    /// `[{"range": [0, 256000], "input_cost_per_token": ...}, ...]`: a longer input is priced whole at the next tier's rates.
    private mutating func readTiers(_ value: JSONValue) throws(Refusal) {
        guard case .array(let tiers) = value else { throw Refusal(reason: .malformed, detail: "tiered_pricing is no list") }
        for tier in tiers {
            guard case .object(let fields) = tier else { throw Refusal(reason: .malformed, detail: "a tier is no object") }
            guard let range = tier["range"] else {
                for (name, value) in fields where Self.speaksOfPrices(name) { passOverPrice(name, value) }
                continue
            }
            guard case .array(let ends) = range, case .number(let text) = ends.first,
                let least = DecimalNumber(text)?.scaled(toPlaces: 0), least <= Amount.maximum
            else { throw Refusal(reason: .malformed, detail: "a tier has no range") }
            for (name, value) in fields where name != "range" {
                guard let field = CatalogueField(name), field.threshold == 0 else {
                    passOverPrice(name, value)
                    continue
                }
                try set(field.rate, name, value, above: least, field.priceClass)
            }
        }
    }

    private mutating func passOverPrice(_ name: String, _ value: JSONValue) {
        pricesPassedOver.append(name)
        guard name.contains("cost_per_") else { return }
        switch value {
        case .number(let text) where DecimalNumber(text)?.digits != 0: hasOtherUnit = true
        case .object where name.hasSuffix("cost_per_unit"): hasOtherUnit = true
        default: break
        }
    }
}

// MARK: What it comes to

extension CatalogueEntry {
    /// The model's price, and whether some of its rates follow from others (see ``RateProportions``), or a part of what has a
    /// price was said to cost nothing, which is taken for a gap like any other.
    func price() throws(Refusal) -> (price: ModelPrice, isDerived: Bool, hasZeroParts: Bool) {
        guard !rates.isEmpty else { throw Refusal(reason: hasOtherUnit ? .otherUnit : .noTokenPrice) }
        var levels = rates
        var base = levels[.standard]?[0] ?? Rates()
        // A side that is priced for one modality alone is priced so throughout.
        base.input = base.input ?? base.audioInput
        base.output = base.output ?? base.imageOutput ?? base.audioOutput
        if Self.modesWithoutOutput.contains(mode ?? "") { base.output = base.output ?? 0 }
        try check(base)
        levels[.standard, default: [:]][0] = base
        let beforeZeros = levels
        for (priceClass, steps) in levels { levels[priceClass] = steps.mapValues { $0.withoutZeros(beside: base) } }
        let hasZeroParts = levels != beforeZeros
        let isDerived = RateProportions.complete(&levels)
        var price = ModelPrice()
        price.standard = Self.stepped(levels[.standard] ?? [:])
        for priceClass in PriceClass.allCases where priceClass != .standard {
            price.classes[priceClass] = levels[priceClass].map(Self.stepped)
        }
        price.maximumOutput = longestAnswer
        return (price, isDerived, hasZeroParts)
    }

    /// A price of nothing is only believed where it is known to be given away: a call must never be free because a list has a gap.
    private func check(_ base: Rates) throws(Refusal) {
        guard base.input != nil else {
            let isFree = rates.values.allSatisfy { $0.values.allSatisfy(\.isFree) }
            throw Refusal(reason: !isFree ? .noInputPrice : hasOtherUnit ? .otherUnit : .zeroPrice)
        }
        if mode == "moderation" { return }
        guard !base.isFree else { throw Refusal(reason: hasOtherUnit ? .otherUnit : .zeroPrice) }
        guard Self.modesThatAnswer.contains(mode ?? ""), base.perRequest ?? 0 == 0 else { return }
        if base.input == 0 { throw Refusal(reason: .zeroPrice, detail: "input costs nothing") }
        let outputs = [base.output, base.audioOutput, base.imageOutput].compactMap { $0 }
        if outputs.allSatisfy({ $0 == 0 }), !outputs.isEmpty { throw Refusal(reason: .zeroPrice, detail: "output costs nothing") }
    }

    private var longestAnswer: Int64? {
        if Self.modesWithoutOutput.contains(mode ?? "") { return 0 }
        // Several entries say 0 for "not known".
        return [maximumOutput, legacyMaximum].compactMap { $0 }.first { $0 > 0 && $0 <= Amount.maximum }
    }

    private static func stepped(_ levels: [Int64: Rates]) -> SteppedRates {
        var result = SteppedRates()
        for (threshold, rates) in levels.sorted(by: { $0.key < $1.key }) {
            if threshold == 0 { result.base = rates } else { result.above.append((threshold, rates)) }
        }
        return result
    }

    private static let modesWithoutOutput: Set = ["embedding", "rerank", "moderation"]
    private static let modesThatAnswer: Set = ["chat", "completion", "responses", "realtime"]

    // MARK: Fields without a rate of ours

    private static func speaksOfPrices(_ name: String) -> Bool {
        ["cost", "pricing", "multiplier", "billing"].contains { name.contains($0) } || otherPrices.contains(name)
    }

    /// Multipliers by region or speed, and how many searches are free.
    private static let otherPrices: Set = ["provider_specific_entry", "search_free_requests"]

    private static func isAboutTheModel(_ name: String) -> Bool {
        name.hasPrefix("supports_") || name.hasPrefix("supported_") || facts.contains(name)
    }

    private static let facts: Set = [
        "litellm_provider", "max_input_tokens", "deprecation_date", "source", "metadata", "comment", "rpm", "tpm", "output_vector_size",
    ]
}

extension Rates {
    private static let outputs: [Field] = [\.output, \.reasoning, \.audioOutput, \.imageOutput]

    /// Without rates of nothing for a part of what `base` has a price for: they say nothing, so that the more general rate counts.
    fileprivate func withoutZeros(beside base: Rates) -> Rates {
        var rates = self
        for (_, field) in Rates.fields where rates[keyPath: field] == 0 {
            let general = Self.outputs.contains { $0 == field } ? base.output : base.input
            if general ?? 0 > 0 { rates[keyPath: field] = nil }
        }
        return rates
    }
}
