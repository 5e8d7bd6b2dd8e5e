import CommandSupport

/// The table at the end of a run.
extension ReplayReport {
    /// Lines of detail in the table; the JSON has more.
    private static var detailLines: Int { 20 }

    var text: String {
        var parts = [facts.text, latencies.text]
        if !errorKinds.isEmpty { parts.append(errorTable.text) }
        if !usersUnknown.isEmpty { parts.append(unknownTable) }
        if !mismatches.isEmpty { parts.append(mismatchTable) }
        parts.append(verdict)
        return parts.joined(separator: "\n\n")
    }

    private var facts: TextTable {
        var requestsLine = Words.grouped(requests)
        if requests < trace.requests { requestsLine += " of \(Words.grouped(trace.requests))" }
        if wasStopped { requestsLine += " (stopped)" }
        return TextTable(naming: [
            ("requests", requestsLine),
            ("users", "\(Words.grouped(users)), \(userPrefix)0 and on"),
            ("allow", share(allow)),
            ("degrade", share(degrade)),
            ("reject", share(reject)),
            ("errors", Words.grouped(errors)),
            ("journaled", journaled > 0 ? Words.grouped(journaled) : nil),
            ("tokens charged", "\(Words.grouped(tokensCharged)) of \(Words.grouped(trace.tokens)) in the trace"),
            (
                "cost charged",
                TextTable.dollars(costUsd) + (unpriced > 0 ? " (\(Words.grouped(unpriced)) commits without a price)" : "")
            ),
            ("elapsed", "\(elapsedSeconds) s"),
            ("requests per second", "\(requestsPerSecond) (\(callsPerSecond) calls)"),
            ("behind the trace", behindSeconds.map { "\($0) s at most" }),
        ])
    }

    private func share(_ count: Int) -> String {
        "\(Words.grouped(count)) (\(Words.percent(Double(count) / Double(max(requests, 1)))))"
    }

    private var latencies: TextTable {
        var table = TextTable(figures: ["LATENCY", "CALLS"] + Percentiles.names)
        for (name, latency) in [("reserve", reserveLatency), ("commit", commitLatency)] {
            table.add([name, Words.grouped(latency.count)] + latency.cells)
        }
        return table
    }

    private var errorTable: TextTable {
        var table = TextTable(figures: ["ERROR", "COUNT"])
        for (kind, count) in errorKinds.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }) {
            table.add([kind, Words.grouped(count)])
        }
        return table
    }

    private var unknownTable: String {
        var table = TextTable(columns: [("COUNTERS UNKNOWN", .left), ("WHY", .left)])
        for unknown in usersUnknown.prefix(Self.detailLines) { table.add([unknown.user, unknown.reason]) }
        return table.text + Self.more(usersUnknown.count, "users")
    }

    private var mismatchTable: String {
        var table = TextTable(columns: [("USER", .left), ("MISMATCH", .left), ("EXPECTED", .right), ("FOUND", .right)])
        for mismatch in mismatches.prefix(Self.detailLines) {
            table.add([mismatch.user, mismatch.subject, mismatch.expected, mismatch.actual])
        }
        return table.text + Self.more(ledgerMismatches, "mismatches")
    }

    private static func more(_ count: Int, _ what: String) -> String {
        count > detailLines ? "\nand \(Words.grouped(count - detailLines)) more \(what); --json shows them" : ""
    }

    private var verdict: String {
        var line = "counters compared: \(countersCompared)"
        if countersSkipped > 0 { line += ", not comparable: \(countersSkipped) (their window ended, or they drain)" }
        if !usersUnknown.isEmpty { line += ", users unknown: \(usersUnknown.count)" }
        return line + "\nledger mismatches: \(ledgerMismatches)"
    }
}
