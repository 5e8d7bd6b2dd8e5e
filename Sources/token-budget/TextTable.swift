import BudgetClient
import Foundation

/// Columns of text, aligned, two spaces apart.
struct TextTable {
    enum Side {
        case left, right
    }

    private let sides: [Side]
    private var rows: [[String]] = []

    init(_ sides: [Side]) { self.sides = sides }

    /// A table with a header.
    init(columns: [(name: String, side: Side)]) {
        self.init(columns.map(\.side))
        add(columns.map(\.name))
    }

    /// A table of names and values without a header.
    init(naming rows: [(name: String, value: String?)]) {
        self.init([.left, .left])
        for row in rows {
            if let value = row.value { add([row.name, value]) }
        }
    }

    mutating func add(_ cells: [String]) { rows.append(cells.map(Self.onOneLine)) }

    /// Without the columns that say nothing below their header.
    var withoutBlankColumns: TextTable {
        let kept = sides.indices.filter { column in rows.dropFirst().contains { $0[column] != Self.blank } }
        var table = TextTable(kept.map { sides[$0] })
        for row in rows { table.add(kept.map { row[$0] }) }
        return table
    }

    /// What stands where there is nothing to say.
    static let blank = "-"

    /// Lines without trailing blanks; empty for an empty table.
    var text: String {
        let widths = sides.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            let cells = sides.indices.map { column in
                let blanks = String(repeating: " ", count: widths[column] - row[column].count)
                return sides[column] == .left ? row[column] + blanks : blanks + row[column]
            }
            let line = cells.joined(separator: "  ")
            return String(line.reversed().drop { $0 == " " }.reversed())
        }.joined(separator: "\n")
    }
}

extension TextTable {
    /// Allowances as people read them.
    init(_ allowances: [AllowanceReply]) {
        self.init([.left, .left, .right, .right, .right, .right, .left])
        add(["ALLOWANCE", "UNIT", "USED", "HELD", "REMAINING", "LIMIT", "RESETS"])
        for allowance in allowances {
            add(
                [Self.named(allowance.name, allowance.dimensions, isShadow: allowance.shadow == true), allowance.unit]
                    + [allowance.used, allowance.held, allowance.remaining, allowance.limit].map {
                        Self.amount($0, allowance.unit)
                    }
                    + [allowance.resetsAt.map(Self.time) ?? Self.blank])
        }
    }

    /// `chat-daily (feature chat)`
    static func named(_ name: String, _ dimensions: [String: String]?, isShadow: Bool = false) -> String {
        var notes = (dimensions ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        if isShadow { notes.append("shadow") }
        return notes.isEmpty ? name : "\(name) (\(notes.joined(separator: ", ")))"
    }

    /// `$5`, `20,000 tokens`; without a unit the bare number.
    static func quantity(_ value: Decimal, _ unit: String?) -> String {
        guard let unit else { return grouped(value) }
        return unit == "usd" ? dollars(value) : "\(grouped(value)) \(unit)"
    }

    static func amount(_ value: Decimal, _ unit: String) -> String {
        unit == "usd" ? dollars(value) : grouped(value)
    }

    /// `$5`, `$2.50`, `$0.00875`: every digit, and no lone one behind the dot.
    static func dollars(_ value: Decimal) -> String {
        let text = "$" + grouped(value)
        return text.suffix(2).first == "." ? text + "0" : text
    }

    /// `2,000 tokens, $0.005`
    static func charge(_ charge: ChargeReply) -> String {
        "\(grouped(Decimal(charge.tokens))) tokens, \(charge.cost.map(dollars) ?? "no price")"
    }

    /// `12,345.678`: every digit, thousands set apart.
    static func grouped(_ value: Decimal) -> String {
        let parts = value.description.split(separator: ".", maxSplits: 1)
        var whole = ""
        for (index, digit) in (parts.first ?? "0").reversed().enumerated() {
            if index > 0, index % 3 == 0, digit != "-" { whole.append(",") }
            whole.append(digit)
        }
        return String(whole.reversed()) + (parts.count > 1 ? "." + parts[1] : "")
    }

    static func grouped(_ value: Int64) -> String { grouped(Decimal(value)) }

    /// `2026-11-21T05:00:00.250Z` -> `2026-11-21 05:00:00 UTC`; anything else stays as it is.
    static func time(_ text: String) -> String {
        guard text.hasSuffix("Z"), let day = text.firstIndex(of: "T") else { return text }
        let clock = text[text.index(after: day)...].dropLast().prefix { $0 != "." }
        return "\(text[..<day]) \(clock) UTC"
    }
}
