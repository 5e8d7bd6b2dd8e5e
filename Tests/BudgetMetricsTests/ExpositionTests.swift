import BudgetMetrics
import Testing

@Suite struct ExpositionTests {
    private static func small() -> [MetricFamily] {
        var families = MetricFamilies()
        families.add(.bypasses, 3)
        families.add(.tokensCommitted, 9_007_199_254_740_993, ["direction": "input"])
        families.add(.tokensCommitted, 0, ["direction": "output"])
        families.add(.buildInfo, 1, ["version": "1.2.3"])
        return families.sorted
    }

    @Test func countersAreWrittenAsPrometheusReadsThem() {
        #expect(
            Exposition.text(Self.small(), .prometheus) == """
                # HELP tokenbudget_tokens_committed_total \(ServiceMetric.tokensCommitted.help)
                # TYPE tokenbudget_tokens_committed_total counter
                tokenbudget_tokens_committed_total{direction="input"} 9007199254740993
                tokenbudget_tokens_committed_total{direction="output"} 0
                # HELP tokenbudget_bypasses_total \(ServiceMetric.bypasses.help)
                # TYPE tokenbudget_bypasses_total counter
                tokenbudget_bypasses_total 3
                # HELP tokenbudget_build_info \(ServiceMetric.buildInfo.help)
                # TYPE tokenbudget_build_info gauge
                tokenbudget_build_info{version="1.2.3"} 1

                """)
    }

    @Test func openMetricsNamesFamiliesWithoutSuffixesAndSaysWhereItEnds() {
        #expect(
            Exposition.text(Self.small(), .openMetrics) == """
                # HELP tokenbudget_tokens_committed \(ServiceMetric.tokensCommitted.help)
                # TYPE tokenbudget_tokens_committed counter
                tokenbudget_tokens_committed_total{direction="input"} 9007199254740993
                tokenbudget_tokens_committed_total{direction="output"} 0
                # HELP tokenbudget_bypasses \(ServiceMetric.bypasses.help)
                # TYPE tokenbudget_bypasses counter
                tokenbudget_bypasses_total 3
                # HELP tokenbudget_build \(ServiceMetric.buildInfo.help)
                # TYPE tokenbudget_build info
                tokenbudget_build_info{version="1.2.3"} 1
                # EOF

                """)
    }

    @Test func aHistogramCountsUpToItsLastBucket() {
        var histogram = DurationHistogram()
        for nanoseconds: Int64 in [50_000, 50_001, 3_000_000_000, -5] { histogram.record(nanoseconds: nanoseconds) }
        var families = MetricFamilies()
        families.add(.httpRequestDuration, .durations(histogram), ["listener": "control"])
        let lines = Exposition.text(families.sorted, .prometheus).split(separator: "\n").map(String.init)
        let name = "tokenbudget_http_request_duration_seconds"
        #expect(lines[1] == "# TYPE \(name) histogram")
        #expect(
            Array(lines[2...5]) == [
                "\(name)_bucket{listener=\"control\",le=\"0.00005\"} 2", "\(name)_bucket{listener=\"control\",le=\"0.0001\"} 3",
                "\(name)_bucket{listener=\"control\",le=\"0.00025\"} 3", "\(name)_bucket{listener=\"control\",le=\"0.0005\"} 3",
            ])
        #expect(
            lines.suffix(5) == [
                "\(name)_bucket{listener=\"control\",le=\"1.0\"} 3", "\(name)_bucket{listener=\"control\",le=\"2.5\"} 3",
                "\(name)_bucket{listener=\"control\",le=\"+Inf\"} 4", "\(name)_sum{listener=\"control\"} 3.000100001",
                "\(name)_count{listener=\"control\"} 4",
            ])
    }

    @Test func whatOthersWroteIntoLabelsAndHelpCannotBreakALine() {
        var family = MetricFamily("strange", .gauge, "A \"back\\slash\"\nand more")
        family.series = [.init([.init("name", "a\"b\\c\nd\r\u{e9}")], .real(.infinity))]
        #expect(
            Exposition.text([family], .prometheus)
                == "# HELP strange A \"back\\\\slash\"\\nand more\n# TYPE strange gauge\n"
                + "strange{name=\"a\\\"b\\\\c\\nd\r\u{e9}\"} +Inf\n")
        #expect(Exposition.text([family], .openMetrics).hasPrefix("# HELP strange A \\\"back\\\\slash\\\"\\nand more\n"))
    }

    @Test func aFamilyWithoutSeriesIsLeftOut() {
        #expect(Exposition.text([MetricFamily("empty", .gauge, "Nothing.")], .prometheus).isEmpty)
        #expect(Exposition.text([], .openMetrics) == "# EOF\n")
    }

    @Test func aFamilysSeriesStandTogetherWhoeverCountedThem() {
        var families = MetricFamilies()
        families.add(.connections, 1, ["listener": "decision"])
        families.add(.ready, 1)
        families.add(.connections, 2, ["listener": "control"])
        var impostor = MetricFamily(ServiceMetric.connections.rawValue, .counter, "Not the same.")
        impostor.series = [.init([], .integer(7))]
        families.add(impostor)
        let text = Exposition.text(families.sorted, .prometheus)
        #expect(
            text.contains("tokenbudget_connections{listener=\"decision\"} 1\ntokenbudget_connections{listener=\"control\"} 2\n"))
        #expect(text.matches(of: /# TYPE tokenbudget_connections/).count == 1)
        #expect(!text.contains("7"))
    }

    @Test(arguments: [
        ("", Exposition.Format.prometheus), ("*/*", .prometheus), ("text/plain", .prometheus),
        ("application/openmetrics-text;version=1.0.0;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1", .openMetrics),
        ("Application/OpenMetrics-Text ; version=1.0.0", .openMetrics), ("application/openmetrics-text;q=0,text/plain", .prometheus),
        ("application/openmetrics-textual", .prometheus),
    ])
    func theScraperChoosesTheFormat(accept: String, format: Exposition.Format) {
        #expect(Exposition.Format(accept: accept) == format)
    }
}
