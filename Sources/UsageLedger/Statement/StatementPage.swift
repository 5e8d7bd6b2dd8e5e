import BudgetModel

extension Statement {
    /// The statement as one HTML page that needs nothing besides itself: to be opened, forwarded, printed (an account a sheet).
    package var html: String {
        let title = "Usage statement \(monthLabel)"
        var page = """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>\(title)</title>
            <style>
            \(Self.style)
            </style>
            </head>
            <body>
            <header>
            <h1>\(title)</h1>
            <p>By \(by.rawValue), \(monthLabel) in \(escaped(timeZone)). Made \(Timestamp.text(madeAt / 1_000 * 1_000)).
            Costs are in US dollars as charged, discounts included.</p>
            </header>

            """
        if accounts.count != 1 { page += summary }
        page += accounts.map(section).joined()
        page += footnotes
        return page + "</body>\n</html>\n"
    }

    private static let style = """
        :root { color-scheme: light dark; --rule: color-mix(in srgb, currentColor 20%, transparent); }
        body { font: 15px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
        h1 { font-size: 1.5rem; margin-bottom: 0; }
        h2 { font-size: 1.15rem; margin: 2.5rem 0 .5rem; }
        p { margin: .4rem 0; }
        table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
        th, td { padding: .3rem .6rem; text-align: right; border-bottom: 1px solid var(--rule); white-space: nowrap; }
        th:first-child, td:first-child { text-align: left; white-space: normal; overflow-wrap: anywhere; padding-left: 0; }
        thead th, tfoot td { font-weight: 600; }
        .note { opacity: .7; font-size: .85em; }
        .scroll { overflow-x: auto; }
        @media print {
          body { margin: 0; max-width: none; font-size: 11px; }
          section { break-before: page; }
          header + section { break-before: auto; }
          tr { break-inside: avoid; }
        }
        """

    private var summary: String {
        let rows = accounts.map { account in
            "<tr><td>\(name(account))</td><td>\(account.requests.grouped)</td><td>\(dollars(account.total))</td></tr>"
        }
        return """
            <section>
            <h2>All \(by.rawValue)s</h2>
            <table>
            <thead><tr><th>\(by == .team ? "Team" : "Feature")</th><th>Requests</th><th>Cost</th></tr></thead>
            <tbody>
            \(rows.joined(separator: "\n"))
            </tbody>
            <tfoot><tr><td>Total</td><td>\(accounts.reduce(0) { $0 + $1.requests }.grouped)</td><td>\(dollars(total))</td></tr></tfoot>
            </table>
            </section>

            """
    }

    private func section(_ account: Account) -> String {
        let corrections =
            account.corrections.isEmpty
            ? ""
            : """
            <tr><th colspan="7">Corrections <span class="note">booked after the month was over</span></th></tr>
            \(account.corrections.map(row).joined(separator: "\n"))
            """
        return """
            <section>
            <h2>\(name(account))</h2>
            <div class="scroll">
            <table>
            <thead><tr><th>Model</th><th>Requests</th><th>Input</th><th>of it cached</th><th>Output</th><th>of it reasoning</th>\
            <th>Cost</th></tr></thead>
            <tbody>
            \(account.lines.map(row).joined(separator: "\n"))
            \(corrections)
            </tbody>
            <tfoot><tr><td>Total</td><td>\(account.requests.grouped)</td><td></td><td></td><td></td><td></td>\
            <td>\(dollars(account.total))</td></tr></tfoot>
            </table>
            </div>
            </section>

            """
    }

    private func row(_ line: Line) -> String {
        var notes: [String] = []
        if let priceClass = line.priceClass, priceClass != PriceClass.standard.rawValue { notes.append(escaped(priceClass)) }
        if prices.count > 1, let version = line.priceVersion { notes.append("prices \(escaped(String(version.prefix(8))))") }
        if line.unpriced > 0 { notes.append("\(line.unpriced.grouped) without a price") }
        let note = notes.isEmpty ? "" : " <span class=\"note\">\(notes.joined(separator: ", "))</span>"
        let figures = [line.requests, line.inputTokens, line.cachedInputTokens, line.outputTokens, line.reasoningTokens]
        return "<tr><td>\(escaped(line.item))\(note)</td>" + figures.map { "<td>\($0.grouped)</td>" }.joined()
            + "<td>\(dollars(line.cost))</td></tr>"
    }

    private var footnotes: String {
        guard !prices.isEmpty else { return "" }
        let changes =
            prices.count > 1 ? "Prices changed within the month: each version has lines of its own." : "Prices did not change."
        let spans = prices.map { "<li>\(escaped(String($0.version.prefix(8)))): charged from \($0.first) to \($0.last)</li>" }
        return """
            <footer class="note">
            <p>\(changes)</p>
            <ul>
            \(spans.joined(separator: "\n"))
            </ul>
            </footer>

            """
    }

    private func name(_ account: Account) -> String { account.name.map(escaped) ?? "<em>no \(by.rawValue)</em>" }

    /// Whole cents where they say it all, every digit where they do not.
    private func dollars(_ microcents: Int64) -> String {
        let parts = Money.dollars(microcents).drop { $0 == "-" }.split(separator: ".")
        let whole = (Int64(parts[0]) ?? 0).grouped
        let fraction = parts.count > 1 ? String(parts[1]) : ""
        let padded = fraction + String(repeating: "0", count: max(2 - fraction.count, 0))
        return (microcents < 0 ? "-$" : "$") + whole + "." + padded
    }
}

extension Int64 {
    /// `1234567` -> `1,234,567`
    fileprivate var grouped: String {
        let digits = Array(String(magnitude))
        var text = self < 0 ? "-" : ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text.append(",") }
            text.append(digit)
        }
        return text
    }
}

/// Names of teams and models come from callers.
private func escaped(_ text: String) -> String {
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
