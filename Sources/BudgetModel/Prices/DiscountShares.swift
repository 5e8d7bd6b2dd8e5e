/// What some discounts take off which model: the largest share where several hold.
///
/// A model is looked up by its name and by each beginning of it that some discount names, so thousands of models cost the same each,
/// however many discounts there are.
struct DiscountShares {
    private var everything: Percentage?
    private var byName: [Identifier: Percentage] = [:]
    private var byBeginning: [Identifier: Percentage] = [:]
    /// Lengths of those beginnings, bytes.
    private var lengths: Set<Int> = []

    init(_ discounts: [Discount], in catalogue: PriceCatalogue) {
        for discount in discounts {
            guard let models = discount.models else {
                everything = Self.larger(discount.share, everything)
                continue
            }
            for model in models {
                if let beginning = Discount.beginning(model) {
                    byBeginning[beginning] = Self.larger(discount.share, byBeginning[beginning])
                    lengths.insert(beginning.text.utf8.count)
                } else {
                    let name = catalogue.canonical(model)
                    byName[name] = Self.larger(discount.share, byName[name])
                }
            }
        }
    }

    /// The share of a model by its name in the catalogue; nil when no discount is for it.
    func share(of name: Identifier) -> Percentage? {
        var share = everything
        if let own = byName[name] { share = Self.larger(own, share) }
        for length in lengths {
            // A beginning that ends within a character is none of this name.
            guard let beginning = String(name.text.utf8.prefix(length)), beginning.utf8.count == length,
                let found = byBeginning[Identifier(beginning)]
            else { continue }
            share = Self.larger(found, share)
        }
        return share
    }

    private static func larger(_ share: Percentage, _ other: Percentage?) -> Percentage {
        guard let other, other.parts > share.parts else { return share }
        return other
    }
}
