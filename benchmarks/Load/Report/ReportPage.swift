import CommandSupport
import Foundation

/// The outcome of a run as one page that needs nothing else: no script, no font, no picture from elsewhere.
struct ReportPage {
    private let report: LoadReport

    init(_ report: LoadReport) { self.report = report }

    var text: String {
        """
        <!doctype html>
        <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
        <title>Token Budget under load</title><style>\(PageStyle.css)</style></head>
        <body><main>
        <h1>Token Budget under load</h1>
        <p>\(HTML.escaped(subtitle))</p>
        <div class="tiles">\(tiles)</div>
        <div class="plots">\(charts.map(\.html).joined(separator: "\n"))</div>
        \(sections)
        </main></body></html>

        """
    }

    private var subtitle: String {
        let conditions = report.conditions
        let rate = conditions.rate.map { " at \(Words.rate($0))/s" } ?? ""
        return "\(conditions.load)\(rate) for \(Words.time(Int64(report.elapsedSeconds * 1e9))), \(conditions.date), "
            + "\(conditions.processors) processors"
    }

    // MARK: At a glance

    private var tiles: String {
        let reserve = report.calls[Verb.reserve.rawValue].latency
        let ledger = report.ledger
        var tiles = [
            tile(Words.rate(report.decidedPerSecond), "decisions per second"),
            tile(Words.microseconds(reserve.p50), "reserve p50"), tile(Words.microseconds(reserve.p99), "reserve p99"),
            tile(Words.grouped(report.errorCount), "errors", report.errorCount == 0),
            tile(Words.grouped(report.shedCount), "shed (503)", report.shedCount == 0),
            tile(
                Words.grouped(ledger.mismatches), "ledger mismatches in \(Words.grouped(ledger.compared)) counters",
                ledger.mismatches == 0 && ledger.compared > 0),
        ]
        if !report.objectives.isEmpty {
            let met = report.objectives.count(where: \.met)
            tiles.append(tile("\(met) of \(report.objectives.count)", "objectives met", report.isMet))
        }
        return tiles.joined()
    }

    private func tile(_ figure: String, _ name: String, _ isGood: Bool? = nil) -> String {
        let mood = isGood.map { $0 ? " good" : " bad" } ?? ""
        return "<div class=\"tile\(mood)\"><b>\(HTML.escaped(figure))</b><span>\(HTML.escaped(name))</span></div>"
    }

    // MARK: Plots

    private var charts: [Chart] {
        [rampRate, rampLatency, percentiles, latency, decisions, rates].compactMap { $0 }
    }

    private var percentiles: Chart? {
        guard let last = report.curve.last else { return nil }
        let values = report.curve.flatMap { [$0.reserveMicroseconds, $0.commitMicroseconds] }
        return Chart(
            title: "Latency by percentile",
            note: report.conditions.isClosedLoop
                ? "Closed loop: waits that a user would have had are missing." : "From the time a call was due: waiting counts.",
            across: .nines(upTo: last.percentile), up: .times(values),
            series: [
                .init(name: "reserve", color: "c1", points: report.curve.map { ($0.percentile, $0.reserveMicroseconds) }),
                .init(name: "commit", color: "c2", points: report.curve.map { ($0.percentile, $0.commitMicroseconds) }),
            ])
    }

    /// The middle of each second, where something was decided.
    private func overTime(_ figure: (WindowRow) -> Double) -> [(x: Double, y: Double)] {
        report.seconds.filter { $0.answered > 0 }.map { ($0.start + $0.seconds / 2, figure($0)) }
    }

    private var time: Axis { .linear(0...max(report.seconds.last.map { $0.start + $0.seconds } ?? 1, 1), " s") }

    private var latency: Chart? {
        guard report.seconds.contains(where: { $0.answered > 0 }) else { return nil }
        let series: [Chart.Series] = [
            .init(name: "p50", color: "c4", points: overTime(\.latency.p50)),
            .init(name: "p99", color: "c1", points: overTime(\.latency.p99)),
            .init(name: "max", color: "c3", points: overTime(\.latency.max)),
        ]
        return Chart(
            title: "Latency over time", note: "Of the reserves decided in each second.", across: time,
            up: .times(series.flatMap { $0.points.map(\.y) }), series: series)
    }

    private var decisions: Chart? {
        guard report.decided > 0 else { return nil }
        let layers: [(String, String, (WindowRow) -> Int)] = [
            ("allow", "c4", \.allow), ("degrade", "c2", \.degrade), ("reject", "c3", \.reject),
            ("shed and errors", "c5", { $0.shed + $0.errors }),
        ]
        var floor = report.seconds.map { _ in 0.0 }
        let series = layers.map { name, color, count in
            let top = zip(report.seconds, floor).map { $1 + Double(count($0)) / $0.seconds }
            defer { floor = top }
            let points = zip(report.seconds, top).map { (x: $0.start + $0.seconds / 2, y: $1) }
            return Chart.Series(name: name, color: color, points: points, floor: floor)
        }
        return Chart(
            title: "Decisions over time", note: "Per second.", across: time, up: .counts(floor), series: series)
    }

    private var rates: Chart? {
        guard report.seconds.count > 1 else { return nil }
        let due = report.seconds.map { (x: $0.start + $0.seconds / 2, y: $0.offeredRate) }
        let decided = report.seconds.map { (x: $0.start + $0.seconds / 2, y: $0.answeredRate) }
        return Chart(
            title: "Requests due and decided", note: "Where the lines part, the service falls behind.", across: time,
            up: .counts((due + decided).map(\.y)),
            series: [.init(name: "decided", color: "c1", points: decided), .init(name: "due", color: "c5", points: due)])
    }

    private var stepAxis: Axis? {
        let rates = report.steps.compactMap(\.window.nominalRate)
        guard let first = rates.first, let last = rates.last, first < last else { return nil }
        return .linear(first...last, "/s")
    }

    private var saturationRule: Chart.Rule? {
        report.saturation?.saturated?.window.nominalRate.map { .init(x: $0, text: "saturated") }
    }

    private var rampRate: Chart? {
        guard let stepAxis else { return nil }
        let due = report.steps.map { (x: $0.window.nominalRate ?? 0, y: $0.window.offeredRate) }
        let decided = report.steps.map { (x: $0.window.nominalRate ?? 0, y: $0.window.answeredRate) }
        return Chart(
            title: "The ramp: rate", note: "Requests due and decided per second, by step.", across: stepAxis,
            up: .counts((due + decided).map(\.y)),
            series: [.init(name: "decided", color: "c1", points: decided), .init(name: "due", color: "c5", points: due)],
            rule: saturationRule)
    }

    private var rampLatency: Chart? {
        guard let stepAxis else { return nil }
        func points(_ figure: (Percentiles) -> Double) -> [(x: Double, y: Double)] {
            report.steps.map { ($0.window.nominalRate ?? 0, figure($0.window.latency)) }
        }
        let series: [Chart.Series] = [
            .init(name: "p50", color: "c4", points: points(\.p50)), .init(name: "p99", color: "c1", points: points(\.p99)),
            .init(name: "max", color: "c3", points: points(\.max)),
        ]
        return Chart(
            title: "The ramp: latency", note: "Of the reserves decided in each step.", across: stepAxis,
            up: .times(series.flatMap { $0.points.map(\.y) }), series: series, rule: saturationRule)
    }

    // MARK: Tables

    private var sections: String {
        var parts: [String] = []
        if !report.objectives.isEmpty {
            parts.append(
                section(
                    "Objectives",
                    [["objective", "found", ""]] + report.objectives.map { [$0.objective, $0.found, $0.met ? "met" : "missed"] }))
        }
        parts.append(section("Calls", callRows))
        parts.append(section("Decisions", decisionRows))
        if report.errorCount + report.shedCount > 0 {
            let trouble = report.errors.merging(report.shed, uniquingKeysWith: +).sorted { ($1.value, $0.key) < ($0.value, $1.key) }
            parts.append(section("Errors and shed", [["", "count"]] + trouble.map { [$0.key, Words.grouped($0.value)] }))
        }
        if let saturation = report.saturation { parts.append(note("Saturation", LoadReport.text(saturation))) }
        parts.append(note("Ledger", report.ledgerLine))
        if !report.ledger.examples.isEmpty {
            let rows = report.ledger.examples.map { [$0.user, $0.allowance, $0.figure, $0.expected, $0.found] }
            parts.append(section("Mismatches", [["user", "allowance", "figure", "expected", "found"]] + rows))
        }
        parts.append(note("Conditions", report.conditionsLine))
        return parts.joined(separator: "\n")
    }

    private func section(_ title: String, _ rows: [[String]]) -> String {
        "<section><h2>\(HTML.escaped(title))</h2>\(HTML.table(rows))</section>"
    }

    private func note(_ title: String, _ text: String) -> String {
        "<section><h2>\(HTML.escaped(title))</h2><p>\(HTML.escaped(text))</p></section>"
    }

    private var callRows: [[String]] {
        var rows = [["", "count", "per second"] + Percentiles.names.map { $0.lowercased() }]
        for call in report.calls where call.latency.count > 0 {
            rows.append([call.verb, Words.grouped(call.latency.count), Words.rate(call.rate)] + call.latency.cells)
            rows.append(["of it in service", "", ""] + call.service.cells)
        }
        return rows
    }

    private var decisionRows: [[String]] {
        [["", "count", "share"]]
            + report.decisions.sorted { $0.key < $1.key }.map {
                [$0.key, Words.grouped($0.value), Words.percent(Double($0.value) / Double(max(report.decided, 1)))]
            }
    }
}
