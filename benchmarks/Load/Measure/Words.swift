import Foundation

/// Figures as people read them.
enum Words {
    /// `12,345`
    static func grouped(_ number: some BinaryInteger) -> String {
        let digits = String(number)
        var text = ""
        for (index, digit) in digits.reversed().enumerated() {
            if index > 0, index % 3 == 0, digit != "-" { text.append(",") }
            text.append(digit)
        }
        return String(text.reversed())
    }

    /// `812 us`, `4.31 ms`, `1.20 s`
    static func time(_ nanoseconds: Int64) -> String {
        switch nanoseconds {
        case ..<1_000_000: String(format: "%.0f us", Double(nanoseconds) / 1e3)
        case ..<1_000_000_000: String(format: "%.2f ms", Double(nanoseconds) / 1e6)
        default: String(format: "%.2f s", Double(nanoseconds) / 1e9)
        }
    }

    static func microseconds(_ value: Double) -> String { time(Int64(value * 1_000)) }

    static func rate(_ rate: Double) -> String { rate < 100 ? String(format: "%.1f", rate) : grouped(Int(rate.rounded())) }

    static func percent(_ share: Double) -> String { String(format: "%.1f %%", 100 * share) }
}

/// Columns of text, aligned, two spaces apart; the first to the left, the others to the right.
struct Columns {
    private var rows: [[String]]

    init(_ header: [String]) { rows = [header] }

    mutating func add(_ cells: [String]) { rows.append(cells) }

    var text: String {
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            row.indices.map { column in
                let blanks = String(repeating: " ", count: widths[column] - row[column].count)
                return column == 0 ? row[column] + blanks : blanks + row[column]
            }.joined(separator: "  ")
        }.joined(separator: "\n")
    }
}
