import Foundation

/// A trace of real requests: CSV with a header that names an arrival time, input tokens and output tokens.
struct TraceFile: Sendable {
    struct Row: Hashable, Sendable {
        /// Nanoseconds since the first row.
        var arrival: Int64
        var inputTokens: Int64
        var outputTokens: Int64
    }

    struct Problem: Error, CustomStringConvertible {
        let description: String
    }

    let rows: [Row]

    private static let columnNames = [
        ["timestamp", "arrivedat", "arrival", "arrivaltime", "time"], ["contexttokens", "inputtokens", "prompttokens"],
        ["generatedtokens", "outputtokens", "completiontokens"],
    ]

    init(path: String) throws(Problem) {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw Problem(description: "\(path) cannot be read")
        }
        do throws(Problem) {
            rows = try Self.rows(String(decoding: data, as: UTF8.self))
        } catch {
            throw Problem(description: "\(path): \(error.description)")
        }
    }

    init(text: String) throws(Problem) { rows = try Self.rows(text) }

    private static func rows(_ text: String) throws(Problem) -> [Row] {
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        let columns = try columns(lines.first ?? "")
        var rows: [Row] = []
        for (index, line) in lines.enumerated().dropFirst() where !line.isEmpty {
            let fields = fields(line)
            guard let last = columns.max(), fields.count > last, let arrival = time(fields[columns[0]]),
                let input = tokens(fields[columns[1]]), let output = tokens(fields[columns[2]])
            else { throw Problem(description: "line \(index + 1) is no time and two numbers of tokens") }
            rows.append(Row(arrival: arrival, inputTokens: input, outputTokens: output))
            guard rows.count <= LoadLimits.traceRows else {
                throw Problem(description: "more than \(LoadLimits.traceRows) requests")
            }
        }
        rows.sort { $0.arrival < $1.arrival }
        guard let first = rows.first?.arrival else { throw Problem(description: "no requests") }
        return rows.map { Row(arrival: $0.arrival - first, inputTokens: $0.inputTokens, outputTokens: $0.outputTokens) }
    }

    /// Where the time, the input and the output stand.
    private static func columns(_ header: Substring) throws(Problem) -> [Int] {
        let names = fields(header).map { $0.lowercased().filter { $0.isLetter || $0.isNumber } }
        var columns: [Int] = []
        for known in columnNames {
            guard let column = names.firstIndex(where: known.contains) else {
                throw Problem(description: "the header names none of \(known.joined(separator: ", "))")
            }
            columns.append(column)
        }
        return columns
    }

    private static func fields(_ line: Substring) -> [Substring] {
        line.split(separator: ",", omittingEmptySubsequences: false).map { field in
            field.drop { " \"\u{FEFF}".contains($0) }.prefix { $0 != "\"" }
        }
    }

    private static func tokens(_ field: Substring) -> Int64? {
        Int64(field.filter { $0 != " " }).flatMap { (0...LoadLimits.tokens).contains($0) ? $0 : nil }
    }

    /// Nanoseconds of `12.5` (seconds) or `2023-11-16 18:15:46.6805900` (also with `T` and `Z`).
    static func time(_ field: Substring) -> Int64? {
        let seconds = field.contains(":") ? timestamp(field) : Double(field)
        guard let seconds, seconds >= 0, seconds < 1e10 else { return nil }
        return Int64((seconds * 1e9).rounded())
    }

    /// Seconds since 2000, so that a Double keeps them to less than a microsecond.
    private static func timestamp(_ field: Substring) -> Double? {
        let parts = field.split { "-: TZ".contains($0) }
        guard parts.count == 6, let second = Double(parts[5]) else { return nil }
        let whole = parts.prefix(5).compactMap { Int($0) }
        guard whole.count == 5, (2000..<2200).contains(whole[0]) else { return nil }
        let date = DateComponents(
            calendar: calendar, year: whole[0], month: whole[1], day: whole[2], hour: whole[3], minute: whole[4])
        guard date.isValidDate, let minute = date.date else { return nil }
        return minute.timeIntervalSince(epoch) + second
    }

    private static let epoch = Date(timeIntervalSince1970: 946_684_800)
    private static let calendar: Calendar = {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        return calendar
    }()
}
