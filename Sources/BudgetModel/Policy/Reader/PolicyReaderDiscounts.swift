extension PolicyNode {
    /// `- {name: azure-commit, percent: 15%, models: [gpt-4o, "gpt-4o-*"], from: 2026-11-01, until: 2027-11-01}`
    func discounts(_ names: PolicyNames) throws(PolicyError) -> [Discount] {
        var discounts: [Discount] = []
        for item in try items("write a list of discounts") {
            let fields = try PolicyFields(item, ["name", "percent", "models", "from", "until"], "a discount")
            let name = try fields.required("name", "azure-commit").identifier("a name")
            guard !discounts.contains(where: { $0.name == name }) else {
                throw item.refusal("the name \(quoted(name.text)) is taken by another discount", "take another name")
            }
            let share = try fields.required("percent", "15%").percentage(upTo: Percentage(parts: Percentage.whole))
            let (from, until) = (try fields["from"]?.time(), try fields["until"]?.time())
            if let from, let until, from >= until {
                throw (fields["until"] ?? item).refusal("is not after from", "write a later date, or swap the two")
            }
            let models = try fields["models"]?.discountedModels(names)
            discounts.append(Discount(name: name, share: share, models: models, from: from, until: until))
        }
        return discounts
    }

    private func discountedModels(_ names: PolicyNames) throws(PolicyError) -> [Identifier] {
        var models: [Identifier] = []
        for item in try items("write a list of models such as [gpt-4o, \"gpt-4o-*\"]") {
            let written = try item.identifier("the name of a model")
            if let beginning = DiscountScope.beginning(written) {
                // A misspelt one would take nothing off, and nobody would notice.
                guard names.catalogue.models.keys.contains(where: { $0.text.utf8.starts(with: beginning.text.utf8) }) else {
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
