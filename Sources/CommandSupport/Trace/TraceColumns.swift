/// Which column holds what, found by the header's names however they are spelled.
struct TraceColumns: Hashable, Sendable {
    /// nil when times are not needed.
    private var arrival: Int?
    private var input: Int
    private var output: Int

    private static let arrivalNames = ["timestamp", "arrivedat", "arrival", "arrivaltime", "time"]
    private static let inputNames = ["contexttokens", "inputtokens", "prompttokens", "requesttokens"]
    private static let outputNames = ["generatedtokens", "outputtokens", "completiontokens", "responsetokens"]

    /// What is wrong with a header or a row.
    struct Problem: Error {
        let text: String
    }

    init(header: ArraySlice<UInt8>, needsTimes: Bool) throws(Problem) {
        guard let fields = TraceFields.split(header) else { throw Problem(text: "a quote is not closed") }
        let names = fields.map { field in
            String(decoding: field, as: UTF8.self).lowercased().filter { $0.isLetter || $0.isNumber }
        }
        func column(_ known: [String], _ what: String) throws(Problem) -> Int {
            if let column = known.lazy.compactMap({ names.firstIndex(of: $0) }).first { return column }
            throw Problem(text: "the header names no column of \(what); it should be one of \(known.joined(separator: ", "))")
        }
        arrival = needsTimes ? try column(Self.arrivalNames, "arrival times") : nil
        input = try column(Self.inputNames, "input tokens")
        output = try column(Self.outputNames, "output tokens")
    }

    func row(_ line: ArraySlice<UInt8>) throws(Problem) -> TraceRow {
        guard let fields = TraceFields.split(line) else { throw Problem(text: "a quote is not closed") }
        func read<Value>(_ column: Int, _ what: String, _ parse: (ArraySlice<UInt8>) -> Value?) throws(Problem) -> Value {
            guard fields.indices.contains(column) else { throw Problem(text: "there is no field of \(what)") }
            if let value = parse(fields[column]) { return value }
            throw Problem(
                text: "\"\(TextTable.onOneLine(String(decoding: fields[column].prefix(64), as: UTF8.self)))\" is no \(what)")
        }
        return TraceRow(
            arrival: try arrival.map { column throws(Problem) in try read(column, "time of arrival", TraceTime.nanoseconds) }
                ?? 0,
            inputTokens: try read(input, "number of input tokens", TraceFields.tokens),
            outputTokens: try read(output, "number of output tokens", TraceFields.tokens))
    }
}
