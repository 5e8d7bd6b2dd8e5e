import Foundation

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
        func grouped(_ number: Int) -> String { TextTable.grouped(Int64(number)) }
        var requestsLine = grouped(requests)
        if requests < trace.requests { requestsLine += " of \(grouped(trace.requests))" }
        if wasStopped { requestsLine += " (stopped)" }
        return TextTable(naming: [
            ("requests", requestsLine),
            ("users", "\(grouped(users)), \(userPrefix)0 and on"),
            ("allow", share(allow)),
            ("degrade", share(degrade)),
            ("reject", share(reject)),
            ("errors", grouped(errors)),
            ("journaled", journaled > 0 ? grouped(journaled) : nil),
            ("tokens charged", "\(TextTable.grouped(tokensCharged)) of \(TextTable.grouped(trace.tokens)) in the trace"),
            (
                "cost charged",
                TextTable.dollars(costUsd) + (unpriced > 0 ? " (\(grouped(unpriced)) commits without a price)" : "")
            ),
            ("elapsed", "\(elapsedSeconds) s"),
            ("requests per second", "\(requestsPerSecond) (\(callsPerSecond) calls)"),
            ("behind the trace", behindSeconds.map { "\($0) s at most" }),
        ])
    }

    private func share(_ count: Int) -> String {
        let percent = requests > 0 ? 100 * Double(count) / Double(requests) : 0
        return "\(TextTable.grouped(Int64(count))) (\(String(format: "%.1f", percent)) %)"
    }

    private var latencies: TextTable {
        var table = TextTable([.left, .right, .right, .right, .right, .right, .right])
        table.add(["LATENCY", "CALLS", "P50", "P90", "P99", "P99.9", "MAX"])
        for (name, latency) in [("reserve", reserveLatency), ("commit", commitLatency)] {
            let figures = [latency.p50, latency.p90, latency.p99, latency.p999, latency.max]
            table.add([name, TextTable.grouped(Int64(latency.count))] + figures.map { latency.count > 0 ? Self.time($0) : "-" })
        }
        return table
    }

    /// `812 us`, `4.31 ms`, `1.20 s`
    private static func time(_ microseconds: Double) -> String {
        if microseconds < 1_000 { return String(format: "%.0f us", microseconds) }
        if microseconds < 1_000_000 { return String(format: "%.2f ms", microseconds / 1_000) }
        return String(format: "%.2f s", microseconds / 1_000_000)
    }

    private var errorTable: TextTable {
        var table = TextTable([.left, .right])
        table.add(["ERROR", "COUNT"])
        for (kind, count) in errorKinds.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }) {
            table.add([kind, TextTable.grouped(Int64(count))])
        }
        return table
    }

    private var unknownTable: String {
        var table = TextTable([.left, .left])
        table.add(["COUNTERS UNKNOWN", "WHY"])
        for unknown in usersUnknown.prefix(Self.detailLines) { table.add([unknown.user, unknown.reason]) }
        return table.text + Self.more(usersUnknown.count, "users")
    }

    private var mismatchTable: String {
        var table = TextTable([.left, .left, .right, .right])
        table.add(["USER", "MISMATCH", "EXPECTED", "FOUND"])
        for mismatch in mismatches.prefix(Self.detailLines) {
            table.add([mismatch.user, mismatch.subject, mismatch.expected, mismatch.actual])
        }
        return table.text + Self.more(ledgerMismatches, "mismatches")
    }

    private static func more(_ count: Int, _ what: String) -> String {
        count > detailLines ? "\nand \(TextTable.grouped(Int64(count - detailLines))) more \(what); --json shows them" : ""
    }

    private var verdict: String {
        var line = "counters compared: \(countersCompared)"
        if countersSkipped > 0 { line += ", not comparable: \(countersSkipped) (their window ended, or they drain)" }
        if !usersUnknown.isEmpty { line += ", users unknown: \(usersUnknown.count)" }
        return line + "\nledger mismatches: \(ledgerMismatches)"
    }
}
