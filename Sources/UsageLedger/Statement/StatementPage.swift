import BudgetModel

extension Statement {
    /// The statement as one HTML page that needs nothing besides itself: to be opened, forwarded, printed (an account a sheet).
    package var html: String {
        let title = "Usage statement, \(monthName) \(year)"
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
            <p>By \(by.rawValue), for \(monthLabel) in \(escaped(timeZone)). Made \(instant(madeAt)).</p>
            \(preliminary)</header>

            """
        if accounts.isEmpty { page += "<section><p>Nothing was used.</p></section>\n" }
        if accounts.count > 1 { page += summary }
        page += accounts.map(section).joined()
        page += priceSection + footer
        return page + "</body>\n</html>\n"
    }

    private var monthName: String {
        [
            "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
            "December",
        ][month - 1]
    }

    private var preliminary: String {
        guard isPreliminary else { return "" }
        return """
            <p class="preliminary"><strong>Preliminary.</strong> The month ends \(instant(monthEnd)): this is what had been booked \
            when the statement was made, and more is to come.</p>

            """
    }

    /// To the second.
    private func instant(_ time: Int64) -> String {
        let text = Timestamp.text(time / 1_000 * 1_000)
        return "\(text.prefix(10)) \(text.dropFirst(11).prefix(8)) UTC"
    }

    // MARK: Accounts

    private var summary: String {
        let rows = accounts.map { account in
            """
            <tr><td class="name">\(name(account))</td><td>\(Figures.count(account.requests))</td>\(cell(account.total))\
            <td class="part">\(share(account.total))</td></tr>
            """
        }
        return """
            <section>
            <h2>All \(by.rawValue)s</h2>
            <table>
            <thead><tr><th class="name">\(by == .team ? "Team" : "Feature")</th><th>Requests</th><th>Cost</th>\
            <th class="part">Share</th></tr></thead>
            <tbody>
            \(rows.joined(separator: "\n"))
            </tbody>
            <tfoot><tr><td class="name">Total</td><td>\(Figures.count(requests))</td>\(cell(total))<td></td></tr></tfoot>
            </table>
            </section>

            """
    }

    /// `12.3 %`; nothing of nothing.
    private func share(_ amount: Int64) -> String {
        guard total > 0, amount >= 0 else { return "" }
        let tenths = Int64(clamping: (Int128(amount) * 1_000 + Int128(total) / 2) / Int128(total))
        return "\(tenths / 10).\(tenths % 10) %"
    }

    private func section(_ account: Account) -> String {
        let lines = account.lines + account.corrections
        let columns = LineColumn.all(withCacheWrites: lines.contains { $0.cacheWriteInputTokens != 0 })
        let head = columns.map { "<th\($0.isPart ? " class=\"part\"" : "")>\($0.head)</th>" }.joined()
        let sums = columns.map { column in
            let sum = lines.reduce(0) { bounded($0, plus: column.value($1)) }
            return "<td\(column.isPart ? " class=\"part\"" : "")>\(Figures.count(sum))</td>"
        }
        var body = account.lines.map { row($0, columns) }
        if !account.corrections.isEmpty {
            let title = "Corrections <span class=\"note\">used in \(monthLabel), booked after it was over</span>"
            body.append("<tr class=\"break\"><th colspan=\"\(columns.count + 2)\">\(title)</th></tr>")
            body += account.corrections.map { row($0, columns) }
        }
        return """
            <section>
            <h2>\(name(account)) <span>\(Figures.dollars(account.total))</span></h2>
            <div class="scroll">
            <table>
            <thead><tr><th class="name">Model or component</th>\(head)<th>Cost</th></tr></thead>
            <tbody>
            \(body.joined(separator: "\n"))
            </tbody>
            <tfoot><tr><td class="name">Total</td>\(sums.joined())\(cell(account.total))</tr></tfoot>
            </table>
            </div>
            </section>

            """
    }

    private func row(_ line: Line, _ columns: [LineColumn]) -> String {
        var notes: [String] = []
        if let priceClass = line.priceClass, priceClass != .standard { notes.append(priceClass.rawValue) }
        if line.isComponent { notes.append("not counted in tokens") }
        if isPriceChanged(line), let price = line.price.map({ prices[$0] }) { notes.append("at the price of \(told(price))") }
        if line.unpriced > 0 { notes.append("\(Figures.count(line.unpriced, "request")) without a price") }
        let note = notes.isEmpty ? "" : "<span class=\"note\">\(notes.joined(separator: ", "))</span>"
        let figures = columns.map { column in
            "<td\(column.isPart ? " class=\"part\"" : "")>\(line.isComponent ? "" : Figures.count(column.value(line)))</td>"
        }
        return "<tr><td class=\"name\">\(escaped(line.item))\(note)</td>\(figures.joined())\(cell(line.cost))</tr>"
    }

    private var footer: String {
        """
        <footer>
        <p>Costs are in US dollars as charged. Requests count on the day they were reserved. Amounts from a cent on are shown to the \
        cent, each by itself; sums are of the exact amounts, which the statement has as CSV and JSON.</p>
        </footer>

        """
    }

    private func name(_ account: Account) -> String { account.name.map(escaped) ?? "<em>no \(by.rawValue)</em>" }

    private func cell(_ microcents: Int64) -> String {
        "<td title=\"\(Money.dollars(microcents)) USD\">\(Figures.dollars(microcents))</td>"
    }
}

/// A column of figures between a line's name and its cost.
private struct LineColumn {
    let head: String
    /// Whether it is part of the column before.
    var isPart = false
    let value: (Statement.Line) -> Int64

    static func all(withCacheWrites: Bool) -> [LineColumn] {
        var columns = [
            LineColumn(head: "Requests") { $0.requests }, LineColumn(head: "Input tokens") { $0.inputTokens },
            LineColumn(head: "cached", isPart: true) { $0.cachedInputTokens },
        ]
        if withCacheWrites { columns.append(LineColumn(head: "cache write", isPart: true) { $0.cacheWriteInputTokens }) }
        columns += [
            LineColumn(head: "Output tokens") { $0.outputTokens },
            LineColumn(head: "reasoning", isPart: true) { $0.reasoningTokens },
        ]
        return columns
    }
}
