/// One request of a trace.
package struct TraceRow: Hashable, Sendable {
    /// Nanoseconds on the trace's own clock; 0 where nobody asked for times.
    package var arrival: Int64
    package var inputTokens: Int64
    package var outputTokens: Int64

    package init(arrival: Int64, inputTokens: Int64, outputTokens: Int64) {
        self.arrival = arrival
        self.inputTokens = inputTokens
        self.outputTokens = outputTokens
    }

    package var tokens: Int64 { inputTokens + outputTokens }
}

/// A trace that cannot be replayed, and where.
package struct TraceError: Error, CustomStringConvertible {
    package var file: String
    /// From 1; nil for the file itself.
    package var line: Int?
    package var problem: String

    package init(file: String, line: Int? = nil, problem: String) {
        self.file = file
        self.line = line
        self.problem = problem
    }

    package var description: String { file + (line.map { ":\($0)" } ?? "") + ": " + problem }
}
