/// A committed-use discount: for a time, some models cost less than the list says.
package struct Discount: Hashable, Sendable {
    package var name: Identifier
    /// What is taken off every rate.
    package var share: Percentage
    /// Names of models, or beginnings of names with a `*` after them; nil is every model.
    package var models: [Identifier]?
    /// Milliseconds since 1970; nil: since ever.
    package var from: Int64?
    /// The first millisecond without it; nil: for good.
    package var until: Int64?

    package init(name: Identifier, share: Percentage, models: [Identifier]? = nil, from: Int64? = nil, until: Int64? = nil) {
        self.name = name
        self.share = share
        self.models = models
        self.from = from
        self.until = until
    }

    /// Discounts of one document at most: more than anybody negotiates.
    static let maximum = 1_000

    /// `gpt-4o-*` -> `gpt-4o-`; nil for a plain name.
    static func beginning(_ model: Identifier) -> Identifier? {
        model.text.last == "*" ? Identifier(String(model.text.dropLast())) : nil
    }

    package func holds(at time: Int64) -> Bool { (from ?? .min) <= time && time < (until ?? .max) }
}

extension Sequence<Discount> {
    /// When the next of them begins or ends; nil when none ever will.
    package func nextBoundary(after time: Int64) -> Int64? {
        lazy.flatMap { [$0.from, $0.until] }.compactMap { $0 }.filter { $0 > time }.min()
    }
}

extension PriceCatalogue {
    /// The prices at `time` once discounts are taken off, every rate rounded up to 1e-15 USD. Where several hold for a model the
    /// largest counts: they do not add up.
    package func discounted(by discounts: [Discount], at time: Int64) -> PriceCatalogue {
        let holding = discounts.filter { $0.holds(at: time) }
        guard !holding.isEmpty else { return self }
        let shares = DiscountShares(holding, in: self)
        var result = self
        for (name, price) in models {
            guard let share = shares.share(of: name) else { continue }
            // The share itself is rounded down.
            result.models[name] = price.mapped { $0 - share.share(of: $0) }
        }
        return result
    }
}
