import BudgetModel

/// What models cost, on the page.
extension Statement {
    var priceSection: String {
        guard !prices.isEmpty else { return "" }
        let withOthers = prices.contains { $0.rates?.others.isEmpty == false }
        let rows = prices.map { price in
            let note = price.priceClass == .standard ? "" : "<span class=\"note\">\(price.priceClass.rawValue)</span>"
            let charged = days(price) { "<span class=\"day\">\($0)</span>" }
            return "<tr><td class=\"name\">\(escaped(price.item))\(note)</td><td class=\"text\">\(charged)</td>"
                + rateCells(price.rates, withOthers) + "</tr>"
        }
        return """
            <section>
            <h2>Prices</h2>
            <p>US dollars per million tokens, discounts taken off. \(changes)</p>
            <div class="scroll">
            <table>
            <thead><tr><th class="name">Model</th><th class="text">Charged</th><th>Input</th><th>Cached input</th>\
            <th>Cache write</th><th>Output</th><th>Reasoning</th>\(withOthers ? "<th class=\"text\">Other</th>" : "")</tr></thead>
            <tbody>
            \(rows.joined(separator: "\n"))
            </tbody>
            </table>
            </div>
            </section>

            """
    }

    private func rateCells(_ rates: ChargedRates?, _ withOthers: Bool) -> String {
        guard let rates else { return "<td class=\"text note\" colspan=\"\(withOthers ? 6 : 5)\">the ledger does not know it</td>" }
        let base = rates.base
        let cells = [base.input, base.cachedInput, base.cacheWrite, base.output, base.reasoning].map { "<td>\($0.priceText)</td>" }
        let others = rates.others.map { "<span class=\"note\">\($0)</span>" }.joined()
        return cells.joined() + (withOthers ? "<td class=\"text\">\(others)</td>" : "")
    }

    /// Whose own price changed, not whose list of prices did.
    private var changes: String {
        let known = Dictionary(grouping: prices.filter { $0.rates != nil }) { $0.item }
        let changed = known.filter { _, prices in Set(prices.map(\.priceClass)).count < prices.count }.keys.sorted()
        guard !changed.isEmpty else { return prices.allSatisfy { $0.rates != nil } ? "No price changed within the month." : "" }
        return "Changed within the month: \(changed.map(escaped).joined(separator: ", "))."
    }

    private func days(_ price: Price, _ written: (String) -> String = { $0 }) -> String {
        price.first == price.last ? written(price.first) : "\(written(price.first)) to \(written(price.last))"
    }

    /// Two prices may have been charged on one day.
    func told(_ price: Price) -> String {
        guard let base = price.rates?.base else { return days(price) }
        return "\(days(price)): $\(base.input.priceText) in, $\(base.output.priceText) out"
    }
}

/// Names of teams and models come from callers.
func escaped(_ text: String) -> String {
    var safe = ""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "&": safe += "&amp;"
        case "<": safe += "&lt;"
        case ">": safe += "&gt;"
        case "\"": safe += "&quot;"
        case "'": safe += "&#39;"
        default: safe.unicodeScalars.append(scalar)
        }
    }
    return safe
}
