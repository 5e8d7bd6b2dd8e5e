import BudgetModel

/// Turns rows into text, one after the other.
protocol UsageWriter {
    mutating func open() -> [UInt8]
    mutating func row(_ row: UsageRow) -> [UInt8]
    mutating func close() -> [UInt8]
}

/// How a report is written.
package enum UsageExport: Sendable {
    /// `{"rows":[{"day":"2026-11-20","model":"gpt-4o","requests":3,...}]}`
    /// - Parameters:
    ///   - detail: with the parts of input and output, what had no price, and shares.
    ///   - averages: with the cost of a request and, where rows are not cut by time, of a day.
    case json(detail: Bool, averages: Bool = false)
    /// RFC 4180, with a line of names.
    case csv(detail: Bool, averages: Bool = false)
    /// Of a report by ``UsageQuery/focus(from:to:period:byUser:)``.
    case focusCSV(FocusSettings)
    case focusJSON(FocusSettings)

    package var contentType: String {
        switch self {
        case .json, .focusJSON: "application/json"
        case .csv, .focusCSV: "text/csv; charset=utf-8; header=present"
        }
    }

    func writer(of report: UsageReport) -> any UsageWriter {
        switch self {
        case .json(let detail, let averages): UsageJSON(report, report.columns(detail: detail, averages: averages))
        case .csv(let detail, let averages): UsageCSV(report, report.columns(detail: detail, averages: averages))
        case .focusCSV(let settings): FocusWriter(report, settings, asJSON: false)
        case .focusJSON(let settings): FocusWriter(report, settings, asJSON: true)
        }
    }
}

extension UsageReport {
    /// Writes the report in pieces of some kilobytes; each is taken before the next is made.
    /// - Throws: what `take` throws, or ``LedgerError`` when the database breaks off: then the text is not whole.
    package func write(as export: UsageExport, _ take: ([UInt8]) async throws -> Void) async throws {
        var writer = export.writer(of: self)
        var piece = writer.open()
        for try await row in rows {
            piece += writer.row(row)
            guard piece.count >= 16_384 else { continue }
            try await take(piece)
            piece.removeAll(keepingCapacity: true)
        }
        try await take(piece + writer.close())
    }
}

extension UsageReport {
    /// The names and texts of what a row is about: its period first, then its groups.
    var keyNames: [String] { (query.period.map { [$0.rawValue] } ?? []) + query.groups.map(\.word) }

    func keys(of row: UsageRow) -> [String?] {
        guard let period = query.period, let bounds = row.period else { return row.keys }
        return [zone.label(period, from: bounds.start)] + row.keys
    }
}

struct UsageJSON: UsageWriter {
    private let report: UsageReport
    private let columns: [UsageColumn]
    private var isFirst = true

    init(_ report: UsageReport, _ columns: [UsageColumn]) {
        self.report = report
        self.columns = columns
    }

    func open() -> [UInt8] { Array("{\"rows\":[".utf8) }

    mutating func row(_ row: UsageRow) -> [UInt8] {
        let json = JSONText.object(capacity: 256) { json in
            for (name, value) in zip(report.keyNames, report.keys(of: row)) {
                json.key(name)
                if let value { json.string(value) } else { json.null() }
            }
            for column in columns {
                json.key(column.name)
                json.cell(column.value(row))
            }
        }
        defer { isFirst = false }
        return (isFirst ? [] : [UInt8(ascii: ",")]) + json
    }

    func close() -> [UInt8] {
        let json = JSONText.object(capacity: 128) { json in
            json.key("from")
            json.time(report.query.from)
            json.key("to")
            json.time(report.query.to)
            json.text("time_zone", report.zone.name)
            if report.rawSince > 0 {
                json.key("raw_since")
                json.time(report.rawSince)
            }
            if report.isIncomplete { json.flag("incomplete", true) }
        }
        return Array("],".utf8) + json.dropFirst()
    }
}

struct UsageCSV: UsageWriter {
    private let report: UsageReport
    private let columns: [UsageColumn]

    init(_ report: UsageReport, _ columns: [UsageColumn]) {
        self.report = report
        self.columns = columns
    }

    func open() -> [UInt8] { CSVText.line((report.keyNames + columns.map(\.name)).map(CSVText.Cell.text)) }

    func row(_ row: UsageRow) -> [UInt8] {
        CSVText.line(report.keys(of: row).map { CSVText.Cell($0) } + columns.map { $0.value(row) })
    }

    func close() -> [UInt8] { [] }
}
