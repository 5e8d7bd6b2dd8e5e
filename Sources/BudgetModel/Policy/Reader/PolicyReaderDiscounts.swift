extension PolicyNode {
    /// `- {name: azure-commit, percent: 15%, models: [gpt-4o, "gpt-4o-*"], from: 2026-11-01, until: 2027-11-01}`
    func discounts(_ names: PolicyNames) throws(PolicyError) -> [Discount] {
        let items = try items("write a list of discounts")
        guard items.count <= Discount.maximum else {
            throw refusal("has \(items.count) discounts", "write at most \(Discount.maximum), each for all the models it is for")
        }
        var discounts: [Discount] = []
        var taken: Set<Identifier> = []
        let models = ModelNames(names.catalogue)
        for item in items {
            let fields = try PolicyFields(item, ["name", "percent", "models", "from", "until"], "a discount")
            let name = try fields.required("name", "azure-commit").identifier("a name")
            guard taken.insert(name).inserted else {
                throw item.refusal("the name \(quoted(name.text)) is taken by another discount", "take another name")
            }
            let share = try fields.required("percent", "15%").percentage(upTo: Percentage(parts: Percentage.whole))
            let (from, until) = (try fields["from"]?.time(), try fields["until"]?.time())
            if let from, let until, from >= until {
                throw (fields["until"] ?? item).refusal("is not after from", "write a later date, or swap the two")
            }
            let discounted = try fields["models"]?.discountedModels(names, models)
            discounts.append(Discount(name: name, share: share, models: discounted, from: from, until: until))
        }
        return discounts
    }

    private func discountedModels(_ names: PolicyNames, _ known: ModelNames) throws(PolicyError) -> [Identifier] {
        var models: [Identifier] = []
        for item in try items("write a list of models such as [gpt-4o, \"gpt-4o-*\"]") {
            let written = try item.identifier("the name of a model")
            if let beginning = Discount.beginning(written) {
                // A misspelt one would take nothing off, and nobody would notice.
                guard known.contains(beginning: beginning) else {
                    throw item.refusal("no model begins with \(quoted(beginning.text))", "write how models with a price begin")
                }
                models.append(written)
            } else {
                models.append(try item.knownModel(names).written)
            }
        }
        guard !models.isEmpty else { throw refusal("names no model", "leave models out for all of them") }
        return models
    }

    /// Milliseconds since 1970 of a date (midnight UTC) or a time.
    private func time() throws(PolicyError) -> Int64 {
        let advice = "write a date such as 2026-11-01 (midnight UTC) or a time such as 2026-11-01T00:00:00Z"
        let text = try text(advice)
        guard let time = Timestamp.milliseconds(text) else { throw refusal("\(quoted(text)) is no date", advice) }
        return time
    }
}

/// The names of a catalogue's models by their bytes: what one begins with is found without looking at all of them.
private struct ModelNames {
    private let sorted: [Identifier]

    init(_ catalogue: PriceCatalogue) {
        sorted = catalogue.models.keys.sorted { $0.text.utf8.lexicographicallyPrecedes($1.text.utf8) }
    }

    func contains(beginning: Identifier) -> Bool {
        let bytes = beginning.text.utf8
        // Names that begin so stand together, from the first that is not before the beginning itself.
        var (low, high) = (0, sorted.count)
        while low < high {
            let middle = (low + high) / 2
            if sorted[middle].text.utf8.lexicographicallyPrecedes(bytes) { low = middle + 1 } else { high = middle }
        }
        return low < sorted.count && sorted[low].text.utf8.starts(with: bytes)
    }
}
