/// Columns of text, aligned, two spaces apart.
package struct TextTable: Sendable {
    package enum Side: Sendable {
        case left, right
    }

    private let sides: [Side]
    private var rows: [[String]] = []

    package init(_ sides: [Side]) { self.sides = sides }

    /// A table with a header.
    package init(columns: [(name: String, side: Side)]) {
        self.init(columns.map(\.side))
        add(columns.map(\.name))
    }

    /// A table of figures with a header: the first column to the left, the others to the right.
    package init(figures names: [String]) {
        self.init([.left] + names.dropFirst().map { _ in .right })
        add(names)
    }

    /// A table of names and values without a header.
    package init(naming rows: [(name: String, value: String?)]) {
        self.init([.left, .left])
        for row in rows {
            if let value = row.value { add([row.name, value]) }
        }
    }

    package mutating func add(_ cells: [String]) { rows.append(cells.map(Self.onOneLine)) }

    /// Without the columns that say nothing below their header.
    package var withoutBlankColumns: TextTable {
        let kept = sides.indices.filter { column in rows.dropFirst().contains { $0[column] != Self.blank } }
        var table = TextTable(kept.map { sides[$0] })
        for row in rows { table.add(kept.map { row[$0] }) }
        return table
    }

    /// What stands where there is nothing to say.
    package static let blank = "-"

    /// Lines without trailing blanks; empty for an empty table.
    package var text: String {
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
