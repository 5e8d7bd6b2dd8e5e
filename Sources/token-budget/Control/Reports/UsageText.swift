import BudgetClient
import CommandSupport
import Foundation

/// A usage report as people read it: a table with a line of sums, and what it does not tell.
struct UsageText {
    private let reply: UsageReply
    private let question: UsageQuestion
    private let keys: [String]
    private let figures: [Figure]

    /// A column of numbers.
    private struct Figure {
        let name: String
        let header: String
        var isMoney = false
        /// What stands below it in the line of sums; nil where nothing can be said.
        let total: @Sendable (UsageText) -> Decimal?
    }

    /// - Parameter detail: whether the parts of the tokens are shown.
    init(_ reply: UsageReply, _ question: UsageQuestion, detail: Bool) {
        self.reply = reply
        self.question = question
        keys = Self.columns(question.groups)
        figures = Self.plain + (detail ? Self.detail : []) + (question.averages ? Self.averages(reply) : [])
    }

    var text: String {
        let span = "\(TextTable.time(reply.from)) to \(TextTable.time(reply.to))"
        let title = reply.timeZone == "UTC" ? span : "\(span), days of \(reply.timeZone)"
        guard !reply.rows.isEmpty else { return (["\(title): no usage."] + notes).joined(separator: "\n") }
        return ([title, "", table.text] + (notes.isEmpty ? [] : [""] + notes)).joined(separator: "\n")
    }

    // MARK: Table

    private var table: TextTable {
        var table = TextTable(
            columns: keys.map { ($0.uppercased().replacing("_", with: " "), .left) } + figures.map { ($0.header, .right) })
        let places = figures.map { $0.isMoney ? self.places($0) : 0 }
        for row in reply.rows {
            let cells = zip(figures, places).map { figure, places in cell(figure, Self.number(row[figure.name]), places) }
            table.add(keys.map { Self.name(row[$0]) } + cells)
        }
        if !keys.isEmpty, reply.rows.count > 1 {
            let sums = zip(figures, places).map { figure, places in cell(figure, figure.total(self), places) }
            table.add(["TOTAL"] + keys.dropFirst().map { _ in "" } + sums)
        }
        return table
    }

    private func cell(_ figure: Figure, _ value: Decimal?, _ places: Int) -> String {
        guard let value else { return TextTable.blank }
        return figure.isMoney ? Self.dollars(value, places) : Words.grouped(value)
    }

    /// Decimal places that every amount of a column needs, two at least: all are written with as many, so that dots stand in line.
    private func places(_ figure: Figure) -> Int {
        let values = reply.rows.map { Self.number($0[figure.name]) } + [figure.total(self)]
        return values.compactMap { $0.map { -$0.exponent } }.max().map { max($0, 2) } ?? 2
    }

    /// `-$1,234.50`
    static func dollars(_ value: Decimal, _ places: Int) -> String {
        let parts = Words.grouped(value.magnitude).split(separator: ".", maxSplits: 1).map(String.init)
        let fraction = parts.count > 1 ? parts[1] : ""
        return (value < 0 ? "-$" : "$") + parts[0] + "." + fraction + String(repeating: "0", count: max(0, places - fraction.count))
    }

    // MARK: Notes

    private var notes: [String] {
        var notes: [String] = []
        if let top = question.top, reply.rows.count >= top {
            notes.append("Only what cost most is shown; the total is that of these rows.")
        }
        if reply.incomplete == true {
            let since = reply.rawSince.map(TextTable.time) ?? "its time"
            notes.append("Incomplete: this report needs single requests from before \(since), which the ledger no longer keeps.")
        }
        if let unpriced = sum("unpriced_requests"), unpriced > 0 {
            notes.append(
                "Requests without a price: \(Words.grouped(unpriced)). Their tokens are counted, what they cost is not known.")
        }
        return notes
    }

    // MARK: Columns

    /// As the service puts them: the period first.
    private static func columns(_ groups: String?) -> [String] {
        let words = (groups ?? "").split(separator: ",").map(String.init)
        let periods = ["hour", "day", "week", "month"]
        return words.filter(periods.contains) + words.filter { !periods.contains($0) }
    }

    private static let plain = [
        summed("requests", "REQUESTS"), summed("input_tokens", "INPUT"), summed("output_tokens", "OUTPUT"), summed("tokens", "TOKENS"),
        summed("cost_usd", "COST", isMoney: true),
    ]

    private static let detail = [
        summed("cached_input_tokens", "CACHED"), summed("cache_write_input_tokens", "CACHE WRITE"),
        summed("reasoning_tokens", "REASONING"),
        Figure(name: "cached_share", header: "CACHED SHARE") { $0.quotient("cached_input_tokens", "input_tokens", places: 4) },
        Figure(name: "input_per_output", header: "INPUT:OUTPUT") { $0.quotient("input_tokens", "output_tokens", places: 4) },
    ]

    private static func averages(_ reply: UsageReply) -> [Figure] {
        let request = Figure(name: "average_cost_usd", header: "A REQUEST", isMoney: true) {
            $0.quotient("cost_usd", "requests", places: 8)
        }
        guard reply.rows.contains(where: { $0["daily_cost_usd"] != nil }) else { return [request] }
        return [request, summed("daily_cost_usd", "A DAY", isMoney: true)]
    }

    private static func summed(_ name: String, _ header: String, isMoney: Bool = false) -> Figure {
        Figure(name: name, header: header, isMoney: isMoney) { $0.sum(name) }
    }

    private func sum(_ name: String) -> Decimal? { reply.rows.compactMap { Self.number($0[name]) }.reduce(0, +) }

    private func quotient(_ part: String, _ whole: String, places: Int) -> Decimal? {
        guard let part = sum(part), let whole = sum(whole), whole > 0 else { return nil }
        var (quotient, rounded) = (part / whole, Decimal())
        NSDecimalRound(&rounded, &quotient, places, .plain)
        return rounded
    }

    private static func number(_ value: LooseValue?) -> Decimal? {
        guard case .number(let number) = value else { return nil }
        return number
    }

    private static func name(_ value: LooseValue?) -> String { value?.description ?? TextTable.blank }
}
