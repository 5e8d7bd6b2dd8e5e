extension PolicyComparison {
    mutating func compareCatalogue() {
        comparePrices()
        compareAliases()
        compareUnpriced()
        compareDiscounts()
    }

    private mutating func comparePrices() {
        let place = ComparedPlace().child("prices")
        let (before, after) = (old.catalogue.models, new.catalogue.models)
        for name in (Array(before.keys) + after.keys).inOrder() where before[name] != after[name] {
            let place = place.child(name.text, subject: "model \(name.text)")
            switch (before[name], after[name]) {
            case (let from?, let to?): comparePrice(from, to, place)
            case (let from?, nil):
                note(place, .removed, from: Spelling.text(from.spelled), "has no price here any more", effect: effectOfNoPrice)
            case (nil, let to?): note(place, .added, to: Spelling.text(to.spelled), "has a price: \(to.sentence)")
            case (nil, nil): break
            }
        }
    }

    private var effectOfNoPrice: String {
        new.catalogue.unpriced.model.map { "without another price it costs what \($0.text) does" }
            ?? "without another price it gets 422 unpriced_model where an allowance in usd applies"
    }

    private mutating func comparePrice(_ old: ModelPrice, _ new: ModelPrice, _ place: ComparedPlace) {
        let (before, after) = (old.rates, new.rates)
        let names = after.map(\.name) + before.map(\.name).filter { name in !after.contains { $0.name == name } }
        for name in names {
            let from = before.first { $0.name == name }?.rate
            let to = after.first { $0.name == name }?.rate
            field(
                place, name, from.map(Spelling.rate), to.map(Spelling.rate),
                shown: "\(from.map(perMillion) ?? "none") -> \(to.map(perMillion) ?? "none") per million tokens",
                effect: "holds made before keep the old rate")
        }
        let perRequest = [old, new].map { $0.standard.base.perRequest.map { decimalText($0, places: TokenRate.places) } }
        field(place, "per_request", perRequest[0], perRequest[1], effect: "holds made before keep the old price")
        field(place, "max_output_tokens", old.maximumOutput.map { String($0) }, new.maximumOutput.map { String($0) })
    }

    private mutating func compareAliases() {
        let place = ComparedPlace().child("aliases")
        let (before, after) = (old.catalogue.aliases, new.catalogue.aliases)
        for name in (Array(before.keys) + after.keys).inOrder() {
            let (from, to) = (before[name]?.text, after[name]?.text)
            guard before[name] != after[name] else { continue }
            note(
                place.child(name.text, subject: "alias \(name.text)"), from == nil ? .added : to == nil ? .removed : .changed,
                from: from, to: to, "\(from ?? "none") -> \(to ?? "none")")
        }
    }

    private mutating func compareUnpriced() {
        field(
            ComparedPlace(), "unpriced_models", old.catalogue.unpriced.spelled, new.catalogue.unpriced.spelled,
            effect: new.catalogue.unpriced.effect)
    }
}

extension PolicyComparison {
    private mutating func compareDiscounts() {
        let place = ComparedPlace().child("discounts")
        func named(_ discounts: [Discount]) -> [Identifier: Discount] {
            Dictionary(discounts.map { ($0.name, $0) }) { first, _ in first }
        }
        let (before, after) = (named(old.discounts), named(new.discounts))
        for name in (Array(before.keys) + after.keys).inOrder() where before[name] != after[name] {
            let (from, to) = (before[name]?.spelled, after[name]?.spelled)
            note(
                place.child(name.text, subject: "discount \(name.text)"), from == nil ? .added : to == nil ? .removed : .changed,
                from: from, to: to, "\(from ?? "none") -> \(to ?? "none")", effect: "holds made before keep their rates")
        }
    }
}

extension UnpricedModels {
    fileprivate var spelled: String? {
        switch self {
        case .unsaid: nil
        case .reject: "reject"
        case .priceAs(let model): Spelling.text(.object([("price_as", .string(model.text))]))
        }
    }

    fileprivate var effect: String {
        let refusal = "models without a price get 422 unpriced_model where an allowance in usd applies"
        return switch self {
        case .unsaid: refusal + ", unless the price document says otherwise"
        case .reject: refusal
        case .priceAs(let model): "models without a price cost what \(model.text) does"
        }
    }
}

extension Discount {
    /// `15% on gpt-4o, claude* from 2026-11-01T00:00:00Z until 2027-11-01T00:00:00Z`
    fileprivate var spelled: String {
        var text = Spelling.percentage(share) + " on " + (models.map { $0.map(\.text).joined(separator: ", ") } ?? "every model")
        if let from { text += " from " + Timestamp.text(from) }
        if let until { text += " until " + Timestamp.text(until) }
        return text
    }
}

private func perMillion(_ rate: TokenRate) -> String {
    let text = Spelling.rate(rate)
    return Sentence.dollars(text.contains(".") ? text : text + ".00")
}

private typealias NamedRate = (name: String, rate: TokenRate)

extension ModelPrice {
    /// Every rate under its path below the model: `input`, `batch.output`, `above.200000.input`.
    fileprivate var rates: [NamedRate] {
        standard.named
            + PriceClass.allCases.flatMap { priceClass in
                (classes[priceClass]?.named ?? []).map { ("\(priceClass.rawValue).\($0.name)", $0.rate) }
            }
    }

    /// `input $2.50, output $10.00 per million tokens`.
    fileprivate var sentence: String {
        let rates = standard.base.named.map { "\($0.name) \(perMillion($0.rate))" }
        return rates.joined(separator: ", ") + " per million tokens"
    }

    /// The standard rates and the longest answer; steps and classes would make a line too long to read.
    fileprivate var spelled: JSONValue {
        var fields: [(key: String, value: JSONValue)] = standard.base.named.map { ($0.name, .number(Spelling.rate($0.rate))) }
        if let maximumOutput { fields.append(("max_output_tokens", .number(String(maximumOutput)))) }
        return .object(fields)
    }
}

extension SteppedRates {
    fileprivate var named: [NamedRate] {
        base.named + above.flatMap { step in step.rates.named.map { ("above.\(step.threshold).\($0.name)", $0.rate) } }
    }
}

extension Rates {
    fileprivate var named: [NamedRate] {
        Self.fields.compactMap { name, field in self[keyPath: field].map { (name, $0) } }
    }
}
