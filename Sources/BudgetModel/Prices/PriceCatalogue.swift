/// Prices by model, with the names under which models are asked for. A value: a change makes another catalogue.
package struct PriceCatalogue: Hashable, Sendable {
    package var models: [Identifier: ModelPrice]
    package var aliases: [Identifier: Identifier]
    /// `unpriced_models: {price_as: MODEL}`; nil refuses unpriced models where money counts.
    package var priceUnknownAs: Identifier?

    package init(
        models: [Identifier: ModelPrice] = [:], aliases: [Identifier: Identifier] = [:], priceUnknownAs: Identifier? = nil
    ) {
        self.models = models
        self.aliases = aliases
        self.priceUnknownAs = priceUnknownAs
    }

    /// The catalogue's own name of a model: looked up exactly, then through `aliases`, then without a date suffix
    /// (each of those in the same order); a model nobody knows keeps the name it came with.
    package func canonical(_ model: Identifier) -> Identifier {
        if let known = lookUp(model) { return known }
        if let plain = withoutDate(model), let known = lookUp(plain) { return known }
        return model
    }

    private func lookUp(_ model: Identifier) -> Identifier? {
        models[model] != nil ? model : aliases[model]
    }

    /// The price of a catalogue name; an unknown model's is that of `unpriced_models.price_as`, if policy has one.
    package func price(of canonical: Identifier) -> ModelPrice? {
        models[canonical] ?? priceUnknownAs.flatMap { models[$0] }
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
