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
    /// - Parameter detail: with the parts of input and output, and what had no price.
    case json(detail: Bool)
    /// RFC 4180, with a line of names.
    case csv(detail: Bool)
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
        case .json(let detail): UsageJSON(report, detail: detail)
        case .csv(let detail): UsageCSV(report, detail: detail)
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

/// A figure of a report: its name, and whether it is money.
struct UsageColumn {
    let name: String
    let value: @Sendable (UsageRow) -> Int64
    var isMoney = false

    static func all(detail: Bool) -> [UsageColumn] {
        let plain = [
            UsageColumn(name: "requests") { $0.requests }, UsageColumn(name: "input_tokens") { $0.inputTokens },
            UsageColumn(name: "output_tokens") { $0.outputTokens }, UsageColumn(name: "tokens") { $0.tokens },
            UsageColumn(name: "cost_usd", value: { $0.cost }, isMoney: true),
        ]
        let parts = [
            UsageColumn(name: "cached_input_tokens") { $0.cachedInputTokens },
            UsageColumn(name: "cache_write_input_tokens") { $0.cacheWriteInputTokens },
            UsageColumn(name: "reasoning_tokens") { $0.reasoningTokens }, UsageColumn(name: "unpriced_requests") { $0.unpriced },
        ]
        return detail ? plain + parts : plain
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

    init(_ report: UsageReport, detail: Bool) {
        self.report = report
        columns = UsageColumn.all(detail: detail)
    }

    func open() -> [UInt8] { Array("{\"rows\":[".utf8) }

    mutating func row(_ row: UsageRow) -> [UInt8] {
        var json = JSONText(capacity: 256)
        json.object { json in
            for (name, value) in zip(report.keyNames, report.keys(of: row)) {
                json.key(name)
                if let value { json.string(value) } else { json.null() }
            }
            for column in columns {
                json.key(column.name)
                if column.isMoney { json.dollars(column.value(row)) } else { json.integer(column.value(row)) }
            }
        }
        defer { isFirst = false }
        return (isFirst ? [] : [UInt8(ascii: ",")]) + json.bytes
    }

    func close() -> [UInt8] {
        var json = JSONText(capacity: 128)
        json.object { json in
            json.key("time_zone")
            json.string(report.zone.name)
            if report.rawSince > 0 {
                json.key("raw_since")
                json.time(report.rawSince)
            }
            if report.isIncomplete { json.flag("incomplete", true) }
        }
        return Array("],".utf8) + json.bytes.dropFirst()
    }
}

struct UsageCSV: UsageWriter {
    private let report: UsageReport
    private let columns: [UsageColumn]

    init(_ report: UsageReport, detail: Bool) {
        self.report = report
        columns = UsageColumn.all(detail: detail)
    }

    func open() -> [UInt8] { CSVText.line((report.keyNames + columns.map(\.name)).map(CSVText.Cell.text)) }

    func row(_ row: UsageRow) -> [UInt8] {
        let figures = columns.map { column -> CSVText.Cell in
            column.isMoney ? .money(column.value(row)) : .integer(column.value(row))
        }
        return CSVText.line(report.keys(of: row).map { $0.map(CSVText.Cell.text) ?? .empty } + figures)
    }

    func close() -> [UInt8] { [] }
}
