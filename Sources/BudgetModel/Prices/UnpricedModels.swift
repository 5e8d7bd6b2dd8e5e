/// What becomes of models without a price: `unpriced_models`.
package enum UnpricedModels: Hashable, Sendable {
    /// The document does not say: another one may, and if none does they are refused.
    case unsaid
    /// `reject`: refused where money counts.
    case reject
    /// `{price_as: MODEL}`
    case priceAs(Identifier)

    /// The model whose price counts for them; nil where they have none.
    package var model: Identifier? {
        if case .priceAs(let model) = self { model } else { nil }
    }

    /// This one where it says something, else `other`; refused where neither does.
    func over(_ other: UnpricedModels) -> UnpricedModels {
        switch (self, other) {
        case (.unsaid, .unsaid): .reject
        case (.unsaid, _): other
        case (.reject, _), (.priceAs, _): self
        }
    }

    func mapped(_ change: (Identifier) -> Identifier) -> UnpricedModels { model.map { .priceAs(change($0)) } ?? self }
}
