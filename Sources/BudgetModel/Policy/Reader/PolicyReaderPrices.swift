extension PriceCatalogue {
    static let sections = ["prices", "aliases", "unpriced_models"]

    /// Reads one section; false when it is none of the catalogue's.
    mutating func read(_ section: PolicyEntry, _ names: PolicyNames) throws(PolicyError) -> Bool {
        switch section.name {
        case "prices": models = try section.value.prices()
        case "aliases": aliases = try section.value.aliases(names)
        case "unpriced_models": unpriced = try section.value.unpricedModels(names)
        default: return false
        }
        return true
    }
}

extension PolicyNode {
    /// `reject`, or `{price_as: MODEL}`.
    fileprivate func unpricedModels(_ names: PolicyNames) throws(PolicyError) -> UnpricedModels {
        guard isMapping else {
            let advice = "write reject or {price_as: MODEL}"
            guard try text(advice) == "reject" else { throw refusal("is \(kind)", advice) }
            return .reject
        }
        let fields = try PolicyFields(self, ["price_as"], "reject, or a mapping")
        return .priceAs(try fields.required("price_as", "gpt-4o").knownModel(names).canonical)
    }

    fileprivate func aliases(_ names: PolicyNames) throws(PolicyError) -> [Identifier: Identifier] {
        var aliases: [Identifier: Identifier] = [:]
        for entry in try entries("write a mapping such as {gpt-4o-latest: gpt-4o}") {
            let alias = try entry.identifier("an alias")
            guard names.own.models[alias] == nil else {
                throw entry.key.refusal(
                    "\(quoted(alias.text)) is a model with a price of its own", "remove the alias or the price")
            }
            let model = try entry.value.identifier("the name of a model")
            // One step only: a chain of aliases would be looked up in vain.
            guard names.catalogue.models[model] != nil || names.trustsModels else {
                throw entry.value.refusal(
                    "\(PolicyError.unknownModel) \(quoted(model.text))",
                    names.models.isEmpty ? "give it a price under prices" : adviceOnSpelling(of: model.text, among: names.models))
            }
            aliases[alias] = model
        }
        return aliases
    }

    // MARK: Prices

    fileprivate func prices() throws(PolicyError) -> [Identifier: ModelPrice] {
        var models: [Identifier: ModelPrice] = [:]
        for entry in try entries("write a mapping of models with their prices") {
            models[try entry.identifier("a model's name")] = try entry.value.modelPrice()
        }
        return models
    }

    private static let rateNames = Rates.fields.map(\.name) + ["per_request"]

    private func modelPrice() throws(PolicyError) -> ModelPrice {
        let classes = PriceClass.allCases.filter { $0 != .standard }
        let known = Self.rateNames + ["above", "max_output_tokens"] + classes.map(\.rawValue)
        let fields = try PolicyFields(self, known, "a price")
        _ = try fields.required("input", "2.50, in USD per million tokens")
        var price = ModelPrice()
        price.standard = try fields.steppedRates()
        for priceClass in classes {
            price.classes[priceClass] = try fields[priceClass.rawValue]?.classRates()
        }
        price.maximumOutput = try fields["max_output_tokens"]?.wholeNumber(example: 16_384)
        return price
    }

    private func classRates() throws(PolicyError) -> SteppedRates {
        try PolicyFields(self, Self.rateNames + ["above"], "a mapping of rates").steppedRates()
    }

    /// Rates by how long an input is, shortest first.
    fileprivate func steps() throws(PolicyError) -> [(threshold: Int64, rates: Rates)] {
        var steps: [(threshold: Int64, rates: Rates)] = []
        for entry in try entries("write a mapping such as {200000: {input: 2.50, output: 15.00}}") {
            let threshold = try entry.threshold()
            steps.append((threshold, try PolicyFields(entry.value, Self.rateNames, "a mapping of rates").rates()))
        }
        return steps.sorted { $0.threshold < $1.threshold }
    }

    /// USD per million tokens.
    fileprivate func rate() throws(PolicyError) -> TokenRate {
        try decimal(places: TokenRate.placesPerMillion, maximum: TokenRate.highest, example: "2.50")
    }

    /// USD.
    fileprivate func pricePerRequest() throws(PolicyError) -> Int64 {
        try decimal(places: TokenRate.places, maximum: Rates.highestPerRequest, example: "0.005")
    }
}

extension PolicyEntry {
    /// A number of input tokens; JSON has no choice but to quote it.
    fileprivate func threshold() throws(PolicyError) -> Int64 {
        try key.unquoted(name).wholeNumber(1...Amount.maximum, example: 200_000)
    }
}

extension PolicyFields {
    fileprivate func steppedRates() throws(PolicyError) -> SteppedRates {
        var result = SteppedRates()
        result.base = try rates()
        result.above = try self["above"]?.steps() ?? []
        return result
    }

    fileprivate func rates() throws(PolicyError) -> Rates {
        var rates = Rates()
        for (name, field) in Rates.fields { rates[keyPath: field] = try self[name]?.rate() }
        rates.perRequest = try self["per_request"]?.pricePerRequest()
        return rates
    }
}
