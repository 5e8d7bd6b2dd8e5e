import CommandSupport

/// The table at the end of a run.
extension LoadReport {
    var text: String {
        var parts = [facts, callTable, decisionTable]
        if let rampTable { parts.append(rampTable) }
        if let troubleTable { parts.append(troubleTable) }
        parts.append(ledgerText)
        if !objectives.isEmpty { parts.append(objectives.map(\.line).joined(separator: "\n")) }
        return parts.joined(separator: "\n\n")
    }

    private var facts: String {
        let rate = conditions.rate.map { " at \(Words.rate($0))/s" } ?? ""
        let stopped = wasStopped ? " (stopped)" : ""
        return """
            \(conditions.load)\(rate), \(Words.grouped(conditions.connections)) connections to \(conditions.server), seed \(conditions.seed)
            \(Words.grouped(requests)) requests due in \(Words.time(Int64(elapsedSeconds * 1e9)))\(stopped), \
            \(Words.rate(decidedPerSecond)) decided per second
            users \(conditions.userPrefix)0 to \(conditions.users - 1), Zipf \(conditions.zipf); \
            released \(Words.grouped(released)), lost \(Words.grouped(lost)), late \(Words.grouped(late))
            this tool: \(Words.microseconds(clientCPUMicrosecondsPerCall)) of processor time for a call, \
            requests begun p99 \(Words.microseconds(clientLag.p99)) after they were due
            """
    }

    /// Everything that shaped the run, for whoever wants to repeat it.
    var conditionsLine: String {
        let (conditions, mixes) = (conditions, [conditions.features, conditions.tiers].compactMap(\.self))
        return "\(conditions.server), \(conditions.connections) connections, seed \(conditions.seed), "
            + "\(Words.grouped(conditions.users)) users (Zipf \(conditions.zipf)) from \(conditions.userPrefix)0, "
            + "mixes \((mixes + [conditions.models]).joined(separator: "; ")), think \(conditions.thinkSeconds) s, "
            + "time to live \(conditions.timeToLiveSeconds) s, released \(Words.percent(conditions.released)), "
            + "lost \(Words.percent(conditions.lost)), late \(Words.percent(conditions.late)); this tool used "
            + "\(Words.microseconds(clientCPUMicrosecondsPerCall)) of processor time for a call and began requests "
            + "p99 \(Words.microseconds(clientLag.p99)) after they were due"
    }

    private var callTable: String {
        var table = TextTable(figures: ["CALL", "COUNT", "PER SECOND"] + Percentiles.names)
        for call in calls where call.latency.count > 0 {
            table.add([call.verb, Words.grouped(call.latency.count), Words.rate(call.rate)] + call.latency.cells)
            table.add(["  of it in service", "", ""] + call.service.cells)
        }
        return table.text
    }

    private var decisionTable: String {
        var table = TextTable(figures: ["DECISION", "COUNT", "SHARE"])
        for (name, count) in decisions.sorted(by: { $0.key < $1.key }) {
            table.add([name, Words.grouped(count), Words.percent(Double(count) / Double(max(decided, 1)))])
        }
        return table.text + "\ncommitted tokens \(Words.grouped(tokensCharged)), late commits \(Words.grouped(lateCommits))"
    }

    private var rampTable: String? {
        guard let saturation else { return nil }
        var table = TextTable(figures: ["STEP, PER SECOND", "DUE", "DECIDED", "P50", "P99", "MAX", "ERRORS", "SHED", "KEPT UP"])
        for step in steps {
            let row = step.window
            table.add(
                [Words.rate(row.nominalRate ?? 0), Words.rate(row.offeredRate), Words.rate(row.answeredRate)]
                    + [row.latency.p50, row.latency.p99, row.latency.max].map(Words.microseconds)
                    + [Words.grouped(row.errors), Words.grouped(row.shed), step.saturation == nil ? "yes" : "no"])
        }
        return table.text + "\n" + Self.text(saturation)
    }

    static func text(_ saturation: (sustained: RunRecord.Step?, saturated: RunRecord.Step?)) -> String {
        let sustained = saturation.sustained.map { "kept up with \(Words.rate($0.window.nominalRate ?? 0))/s" }
        guard let step = saturation.saturated else { return "not saturated: \(sustained ?? "no step ended")" }
        return "saturated at \(Words.rate(step.window.nominalRate ?? 0))/s: \(step.saturation ?? "")"
            + "; \(sustained ?? "kept up with no step")"
    }

    private var troubleTable: String? {
        guard errorCount + shedCount > 0 else { return nil }
        var table = TextTable(figures: ["ERROR OR SHED", "COUNT"])
        for (name, count) in errors.merging(shed, uniquingKeysWith: +).sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }) {
            table.add([name, Words.grouped(count)])
        }
        return table.text
    }

    private var ledgerText: String {
        var text = "errors: \(Words.grouped(errorCount)), shed: \(Words.grouped(shedCount))"
        if !ledger.examples.isEmpty {
            var table = TextTable(figures: ["USER", "ALLOWANCE", "FIGURE", "EXPECTED", "FOUND"])
            for item in ledger.examples { table.add([item.user, item.allowance, item.figure, item.expected, item.found]) }
            text += "\n\n" + table.text + "\n"
        }
        return text + "\n" + ledgerLine
    }

    var ledgerLine: String {
        var line =
            "ledger mismatches: \(Words.grouped(ledger.mismatches)) in \(Words.grouped(ledger.compared)) counters "
            + "of \(Words.grouped(ledger.users)) users"
        if ledger.skipped > 0 { line += "; \(Words.grouped(ledger.skipped)) counters not comparable" }
        if ledger.usersUnknown > 0 { line += "; \(Words.grouped(ledger.usersUnknown)) users with a call of unknown outcome" }
        if ledger.usersUnread > 0 { line += "; \(Words.grouped(ledger.usersUnread)) users not read" }
        return line
    }
}

extension Objective.Verdict {
    var line: String { "\(met ? "met   " : "MISSED") \(objective): \(found)" }
}
