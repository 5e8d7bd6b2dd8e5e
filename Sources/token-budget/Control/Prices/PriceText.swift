import BudgetClient
import CommandSupport
import Foundation

/// Prices as people read them: dollars per million tokens.
enum PriceText {
    /// A line for each model, with the rates most requests need.
    static func list(_ reply: PricesReply) -> [String] {
        guard !reply.prices.isEmpty else { return [heading(reply), "No model has a price."] }
        var table = TextTable(columns: [
            ("MODEL", .left), ("INPUT", .right), ("CACHED", .right), ("OUTPUT", .right), ("MORE", .left), ("FROM", .left),
        ])
        for (model, price) in reply.prices.sorted(by: { $0.key < $1.key }) {
            let rates = columns.map { price.figures[$0].map(TextTable.dollars) ?? TextTable.blank }
            table.add([model] + rates + [TextTable.orBlank(more(price)), TextTable.orBlank(price.from)])
        }
        return [heading(reply), table.withoutBlankColumns.text, discounts(reply)]
    }

    /// Every figure of each model.
    static func details(_ reply: PricesReply) -> [String] {
        let models = reply.prices.sorted { $0.key < $1.key }.map { model, price in
            var table = TextTable([.left, .right])
            for (name, value) in price.figures.sorted(by: { order($0.key) < order($1.key) }) {
                table.add([name, name.hasSuffix("tokens") ? Words.grouped(value) : TextTable.dollars(value)])
            }
            return TextTable.onOneLine(price.from.map { "\(model) (from the \($0))" } ?? model) + "\n" + table.text
        }
        return [heading(reply)] + models + [discounts(reply)]
    }

    private static let columns = ["input", "cached_input", "output"]

    /// The usual rates first, the rest by name.
    private static func order(_ figure: String) -> String {
        columns.firstIndex(of: figure).map { " \($0)" } ?? figure
    }

    /// What else a model has rates for: `above, batch`.
    private static func more(_ price: ModelPriceReply) -> String {
        let groups = price.figures.keys.compactMap { $0.split(separator: ".", maxSplits: 1).count > 1 ? $0.prefix { $0 != "." } : nil }
        return Set(groups).sorted().joined(separator: ", ")
    }

    private static func heading(_ reply: PricesReply) -> String {
        TextTable(naming: [
            ("prices", "USD per million tokens"),
            ("document", reply.version.map { "version \($0)" } ?? "none"),
            ("policy", policy(reply)),
            ("digest", reply.priceVersion),
            ("at", reply.at.map(TextTable.time)),
        ]).text
    }

    private static func policy(_ reply: PricesReply) -> String {
        let version = reply.policyVersion.map { "version \($0)" } ?? "none"
        return reply.policyUndated == true ? version + ", today's: which one held then is not known" : version
    }

    private static func discounts(_ reply: PricesReply) -> String {
        guard let discounts = reply.discounts, !discounts.isEmpty else { return "" }
        var table = TextTable(columns: [
            ("DISCOUNT", .left), ("SHARE", .right), ("FROM", .left), ("UNTIL", .left), ("MODELS", .left),
        ])
        for discount in discounts {
            table.add([
                TextTable.orBlank(discount.name), TextTable.orBlank(discount.percent?.description), TextTable.orBlank(discount.from),
                TextTable.orBlank(discount.until), discount.models?.description ?? "all",
            ])
        }
        return table.withoutBlankColumns.text
    }
}
