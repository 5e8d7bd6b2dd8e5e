package import CoreMetrics
import Synchronization

/// Keeps what is measured through swift-metrics until a scrape asks. For whatever happens rarely; decisions are counted in plain
/// integers by their event loops.
///
/// Names are made to fit Prometheus: strange characters become `_`, counters end in `_total`, timers in `_seconds`.
package final class MetricsRegistry: MetricsFactory {
    /// Series of one name; one more, and its labels all say `other`. A label with too many values must not fill a scraper's disk.
    private let mostSeries: Int
    private let kept = Mutex(Kept())

    private struct Kept {
        var names: [String: MetricFamily.Kind] = [:]
        var series: [Identity: any MeasuredSeries] = [:]
        var counts: [String: Int] = [:]
    }
    private struct Identity: Hashable {
        var name: String
        var labels: [MetricFamily.Label]
    }

    package init(mostSeries: Int = 1_000) { self.mostSeries = mostSeries }

    /// The series of a name and its labels, made when it is new. A name that is another kind already gets one that nobody sees.
    private func series<Measured: MeasuredSeries>(
        _ name: String, _ kind: MetricFamily.Kind, _ dimensions: [(String, String)], _ make: () -> Measured
    ) -> Measured {
        let labels = dimensions.map { MetricFamily.Label(Self.fitting($0.0, colons: false), $0.1) }
        return kept.withLock { kept in
            guard kept.names[name] == nil || kept.names[name] == kind else { return make() }
            var identity = Identity(name: name, labels: labels)
            if kept.series[identity] == nil, kept.counts[name, default: 0] >= mostSeries {
                identity.labels = labels.map { MetricFamily.Label($0.name, "other") }
            }
            if let known = kept.series[identity] { return known as? Measured ?? make() }
            let made = make()
            kept.names[name] = kind
            kept.series[identity] = made
            kept.counts[name, default: 0] += 1
            return made
        }
    }

    private func forget(_ handler: AnyObject) {
        kept.withLock { kept in
            guard let identity = kept.series.first(where: { $0.value === handler })?.key else { return }
            kept.series[identity] = nil
            kept.counts[identity.name, default: 1] -= 1
        }
    }

    /// Letters, digits and underscores, not beginning with a digit.
    private static func fitting(_ name: String, colons: Bool) -> String {
        let fit = name.unicodeScalars.map { scalar in
            let isFit = scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil || scalar == "_")
            return isFit || (colons && scalar == ":") ? Character(scalar) : "_"
        }
        return (fit.first?.isNumber ?? true ? "_" : "") + String(fit)
    }

    private static func name(_ label: String, suffix: String = "") -> String {
        let name = fitting(label, colons: true)
        return name.hasSuffix(suffix) ? name : name + suffix
    }

    /// Everything measured so far; what was never given a value is left out.
    package func write(to families: inout MetricFamilies) {
        let (names, series) = kept.withLock { ($0.names, $0.series) }
        for (identity, measured) in series.sorted(by: { Self.reads($0.key.labels, before: $1.key.labels) }) {
            guard let value = measured.value, let kind = names[identity.name] else { continue }
            let help = ServiceMetric(rawValue: identity.name)?.help ?? "Measured by a library of the service."
            var family = MetricFamily(identity.name, kind, help)
            family.series = [MetricFamily.Series(identity.labels, value)]
            families.add(family)
        }
    }

    private static func reads(_ a: [MetricFamily.Label], before b: [MetricFamily.Label]) -> Bool {
        a.lexicographicallyPrecedes(b) { ($0.name, $0.value) < ($1.name, $1.value) }
    }
}

// MARK: What swift-metrics asks for

extension MetricsRegistry {
    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        series(Self.name(label, suffix: "_total"), .counter, dimensions) { CounterSeries() }
    }

    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        series(Self.name(label), .gauge, dimensions) { GaugeSeries() }
    }

    package func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        aggregate
            ? series(Self.name(label), .summary, dimensions) { SummarySeries() }
            : series(Self.name(label), .gauge, dimensions) { GaugeSeries() }
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        series(Self.name(label, suffix: "_seconds"), .histogram, dimensions) { DurationSeries() }
    }

    package func destroyCounter(_ handler: any CounterHandler) { forget(handler) }
    package func destroyMeter(_ handler: any MeterHandler) { forget(handler) }
    package func destroyRecorder(_ handler: any RecorderHandler) { forget(handler) }
    package func destroyTimer(_ handler: any TimerHandler) { forget(handler) }
}
