import BudgetMetrics
import CoreMetrics
import Testing

/// What other code measures through swift-metrics.
@Suite struct MetricsRegistryTests {
    private let registry = MetricsRegistry(mostSeries: 3)

    private func text() -> String {
        var families = MetricFamilies()
        registry.write(to: &families)
        let lines = Exposition.text(families.sorted, .prometheus).split(separator: "\n")
        return lines.filter { !$0.hasPrefix("# HELP") }.joined(separator: "\n")
    }

    @Test func everyKindOfMeasurementIsShown() {
        Counter(label: "jobs", dimensions: [("queue", "a")], factory: registry).increment(by: 2)
        Gauge(label: "depth", factory: registry).record(4)
        Meter(label: "heat", factory: registry).increment(by: 1.5)
        let sizes = Recorder(label: "sizes", factory: registry)
        sizes.record(10)
        sizes.record(0.5)
        #expect(
            text() == """
                # TYPE depth gauge
                depth 4
                # TYPE heat gauge
                heat 1.5
                # TYPE jobs_total counter
                jobs_total{queue="a"} 2
                # TYPE sizes summary
                sizes_sum 10.5
                sizes_count 2
                """)
    }

    @Test func timersBecomeSeconds() {
        Timer(label: "wait", factory: registry).recordMilliseconds(20)
        #expect(text().contains("wait_seconds_bucket{le=\"0.01\"} 0\nwait_seconds_bucket{le=\"0.025\"} 1\n"))
        #expect(text().hasSuffix("wait_seconds_sum 0.02\nwait_seconds_count 1"))
    }

    @Test func twoHandlesOfOneNameAreOneSeries() {
        Counter(label: "jobs", factory: registry).increment()
        Counter(label: "jobs", factory: registry).increment()
        #expect(text() == "# TYPE jobs_total counter\njobs_total 2")
    }

    @Test func strangeNamesAreMadeToFit() {
        Counter(label: "hb.requests-in:flight", dimensions: [("status code", "ok")], factory: registry).increment()
        Gauge(label: "9 lives", factory: registry).record(9)
        #expect(
            text() == """
                # TYPE _9_lives gauge
                _9_lives 9
                # TYPE hb_requests_in:flight_total counter
                hb_requests_in:flight_total{status_code="ok"} 1
                """)
    }

    @Test func aLabelWithTooManyValuesIsFoldedIntoOther() {
        for value in 0..<10 { Counter(label: "jobs", dimensions: [("id", "\(value)")], factory: registry).increment() }
        #expect(
            text() == """
                # TYPE jobs_total counter
                jobs_total{id="0"} 1
                jobs_total{id="1"} 1
                jobs_total{id="2"} 1
                jobs_total{id="other"} 7
                """)
    }

    @Test func aGaugeThatWasNeverSetSaysNothing() {
        _ = Gauge(label: "depth", factory: registry)
        #expect(text().isEmpty)
    }

    @Test func aNameStaysTheKindItFirstWas() {
        Counter(label: "jobs_total", factory: registry).increment()
        Gauge(label: "jobs_total", factory: registry).record(5)
        #expect(text() == "# TYPE jobs_total counter\njobs_total 1")
    }

    @Test func whatIsDestroyedIsGone() {
        let counter = Counter(label: "jobs", factory: registry)
        counter.increment()
        counter.destroy()
        #expect(text().isEmpty)
    }
}
