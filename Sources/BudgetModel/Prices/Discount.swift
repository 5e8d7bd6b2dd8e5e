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
        let holding = discounts.filter { $0.holds(at: time) }.map { (share: $0.share, scope: DiscountScope($0.models, in: self)) }
        guard !holding.isEmpty else { return self }
        var result = self
        for (name, price) in models {
            let shares = holding.filter { $0.scope.contains(name) }.map(\.share)
            guard let share = shares.max(by: { $0.parts < $1.parts }) else { continue }
            // The share itself is rounded down.
            result.models[name] = price.mapped { $0 - share.share(of: $0) }
        }
        return result
    }
}

/// The models a discount is for, by their names in a catalogue.
struct DiscountScope {
    private var names: Set<Identifier> = []
    private var beginnings: [Identifier] = []
    private let isEverything: Bool

    init(_ models: [Identifier]?, in catalogue: PriceCatalogue) {
        isEverything = models == nil
        for model in models ?? [] {
            if let beginning = Self.beginning(model) {
                beginnings.append(beginning)
            } else {
                names.insert(catalogue.canonical(model))
            }
        }
    }

    func contains(_ name: Identifier) -> Bool {
        isEverything || names.contains(name) || beginnings.contains { name.text.utf8.starts(with: $0.text.utf8) }
    }

    /// `gpt-4o-*` -> `gpt-4o-`; nil for a plain name.
    static func beginning(_ model: Identifier) -> Identifier? {
        model.text.last == "*" ? Identifier(String(model.text.dropLast())) : nil
    }
}
