import BudgetModel

/// A request's rates, in 1e-15 USD a token.
struct ReferenceRates: Equatable {
    var input: Int64
    var cached: Int64
    var cacheWrite: Int64
    var output: Int64
    /// Absent ones cost what their more general kind does.
    var hourWrite: Int64?
    var audio: Int64?
    var reasoning: Int64?
    var perRequest: Int64 = 0

    /// What a reserve holds: output may all be reasoning.
    func estimate(_ input: Int64, _ output: Int64) -> Int64? {
        var held = self
        held.output = max(self.output, reasoning ?? self.output)
        return try? held.cost(ReferenceUsage(input: input, output: output))
    }

    /// Microcents, rounded up once. Token by token: what was cached or written is charged as that, audio takes of the rest.
    func cost(_ usage: ReferenceUsage) throws(ReferenceRefusal) -> Int64 {
        let rest = usage.input - usage.cached - usage.cacheWrite
        let spoken = min(usage.audio, rest)
        let charges: [(tokens: Int64, rate: Int64)] = [
            (1, perRequest), (rest - spoken, input), (spoken, audio ?? input), (usage.cached, cached),
            (usage.cacheWrite - usage.hourWrite, cacheWrite), (usage.hourWrite, hourWrite ?? cacheWrite),
            (usage.output - usage.reasoning, output), (usage.reasoning, reasoning ?? output),
        ]
        let total = charges.reduce(Int128(0)) { $0 + Int128($1.tokens) * Int128($1.rate) }
        let microcent = Int128(10_000_000)
        let microcents = total / microcent + (total % microcent == 0 ? 0 : 1)
        guard microcents <= Int128(ReferenceModel.largestAmount) else { throw .amountTooLarge }
        return Int64(microcents)
    }
}

extension ReferenceModel {
    /// The catalogue's name of a model: as it is, by alias, then both without a date at its end, then all of that for what it was
    /// tuned from.
    static func canonical(_ model: Identifier, in catalogue: PriceCatalogue) -> Identifier {
        var names = [model]
        if let plain = withoutDate(model) { names.append(plain) }
        let steps = model.text.split(separator: ":", omittingEmptySubsequences: false)
        if steps.count > 2, steps[0] == "ft" {
            let base = Identifier("ft:" + steps[1])
            names += [base] + [withoutDate(base)].compactMap { $0 }
        }
        for name in names {
            if catalogue.models[name] != nil { return name }
            if let target = catalogue.aliases[name] { return target }
        }
        return model
    }

    static func price(of canonical: Identifier, in catalogue: PriceCatalogue) -> ModelPrice? {
        if let own = catalogue.models[canonical] { return own }
        guard let substitute = catalogue.unpriced.model else { return nil }
        return catalogue.models[substitute]
    }

    static func rates(of canonical: Identifier, _ priceClass: PriceClass, input: Int64, in catalogue: PriceCatalogue)
        -> ReferenceRates?
    {
        guard let price = price(of: canonical, in: catalogue) else { return nil }
        let own = price.classes[priceClass]
        let generality = (own.map { steps($0, input) } ?? []) + steps(price.standard, input)
        func first(_ field: KeyPath<Rates, Int64?>) -> Int64? {
            for rates in generality {
                if let rate = rates[keyPath: field] { return rate }
            }
            return nil
        }
        let plain = first(\.input)!
        return ReferenceRates(
            input: plain, cached: first(\.cachedInput) ?? plain, cacheWrite: first(\.cacheWrite) ?? plain,
            output: first(\.output) ?? plain, hourWrite: first(\.cacheWriteHour), audio: first(\.audioInput),
            reasoning: first(\.reasoning), perRequest: first(\.perRequest) ?? 0)
    }

    /// The rates of every threshold this input is above, the highest first, and the base.
    private static func steps(_ rates: SteppedRates, _ input: Int64) -> [Rates] {
        let passed = rates.above.filter { input > $0.threshold }
        return passed.sorted { $0.threshold > $1.threshold }.map(\.rates) + [rates.base]
    }

    /// `-2024-11-20` or `-20241120` taken off; nil if there is none, or nothing before it.
    private static func withoutDate(_ model: Identifier) -> Identifier? {
        let bytes = Array(model.text.utf8)
        for length in [11, 9] where bytes.count > length {
            let shape = String(
                decoding: bytes.suffix(length).map { (48...57).contains($0) ? UInt8(ascii: "0") : $0 }, as: UTF8.self)
            if shape == "-0000-00-00" || shape == "-00000000" {
                return Identifier(String(decoding: bytes.dropLast(length), as: UTF8.self))
            }
        }
        return nil
    }
}
