import CommandSupport

/// A trace of real requests as a run needs it: in memory, and from its first request on.
enum TraceFile {
    /// - Returns: rows by arrival, in nanoseconds since the first one.
    static func rows(_ file: String) throws(TraceError) -> [TraceRow] {
        let reader = try TraceReader(file, needsTimes: true)
        var rows: [TraceRow] = []
        while let row = try reader.next() {
            guard max(row.inputTokens, row.outputTokens) <= LoadLimits.tokens else {
                throw TraceError(file: file, problem: "a request has more than \(LoadLimits.tokens) tokens")
            }
            guard rows.count < LoadLimits.traceRows else {
                throw TraceError(file: file, problem: "more than \(LoadLimits.traceRows) requests")
            }
            rows.append(row)
        }
        rows.sort { $0.arrival < $1.arrival }
        guard let first = rows.first?.arrival else { throw TraceError(file: file, problem: "holds no requests") }
        return rows.map { TraceRow(arrival: $0.arrival - first, inputTokens: $0.inputTokens, outputTokens: $0.outputTokens) }
    }
}
