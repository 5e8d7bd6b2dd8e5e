/// Prices by model, with the names under which models are asked for. A value: a change makes another catalogue.
package struct PriceCatalogue: Hashable, Sendable {
    package var models: [Identifier: ModelPrice]
    package var aliases: [Identifier: Identifier]
    package var unpriced: UnpricedModels

    package init(
        models: [Identifier: ModelPrice] = [:], aliases: [Identifier: Identifier] = [:], unpriced: UnpricedModels = .unsaid
    ) {
        self.models = models
        self.aliases = aliases
        self.unpriced = unpriced
    }

    /// The catalogue's own name of a model: looked up exactly, then through `aliases`, then without a date suffix, then as what it
    /// was fine-tuned from (each of those in the same order); a model nobody knows keeps the name it came with.
    package func canonical(_ model: Identifier) -> Identifier {
        if let known = lookUp(model) { return known }
        if let plain = withoutDate(model), let known = lookUp(plain) { return known }
        guard let tuned = fineTuned(model) else { return model }
        return lookUp(tuned) ?? withoutDate(tuned).flatMap(lookUp) ?? model
    }

    private func lookUp(_ model: Identifier) -> Identifier? {
        models[model] != nil ? model : aliases[model]
    }

    /// This catalogue where it says something, `other` where it does not. Of unpriced models the result says something in any case.
    package func over(_ other: PriceCatalogue) -> PriceCatalogue {
        var result = other
        for alias in aliases.keys { result.models[alias] = nil }
        for (name, price) in models {
            result.aliases[name] = nil
            result.models[name] = price
        }
        result.aliases.merge(aliases) { _, own in own }
        // One step only, also where an alias of the other took the place of a model.
        result.aliases = result.aliases.compactMapValues { result.models[$0] == nil ? result.aliases[$0] : $0 }
        result.unpriced = unpriced.over(other.unpriced).mapped(result.canonical)
        return result
    }

    /// The price of a catalogue name; an unknown model's is that of `unpriced_models.price_as`, if policy has one.
    package func price(of canonical: Identifier) -> ModelPrice? {
        models[canonical] ?? unpriced.model.flatMap { models[$0] }
    }
}

/// `gpt-4o-2024-11-20` and `gpt-4o-20241120` -> `gpt-4o`; nil without such a suffix.
private func withoutDate(_ model: Identifier) -> Identifier? {
    let utf8 = Array(model.text.utf8)
    for pattern in ["-dddd-dd-dd", "-dddddddd"] where utf8.count > pattern.utf8.count {
        let matches = zip(utf8.suffix(pattern.utf8.count), pattern.utf8).allSatisfy { byte, wanted in
            wanted == UInt8(ascii: "d") ? (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) : byte == wanted
        }
        if matches { return Identifier(String(decoding: utf8.dropLast(pattern.utf8.count), as: UTF8.self)) }
    }
    return nil
}

/// `ft:gpt-4o-mini-2024-07-18:my-org::abc123` -> `ft:gpt-4o-mini-2024-07-18`, as OpenAI names models tuned from it; nil for others.
private func fineTuned(_ model: Identifier) -> Identifier? {
    guard model.text.utf8.starts(with: "ft:".utf8) else { return nil }
    let base = model.text.utf8.dropFirst(3).prefix { $0 != UInt8(ascii: ":") }
    guard !base.isEmpty, base.endIndex != model.text.utf8.endIndex else { return nil }
    return Identifier(String(decoding: model.text.utf8[..<base.endIndex], as: UTF8.self))
}
