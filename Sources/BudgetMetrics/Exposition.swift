/// Writes metrics as text for a scraper.
///
/// Formats: Prometheus text 0.0.4 (https://prometheus.io/docs/instrumenting/exposition_formats/) and OpenMetrics 1.0
/// (https://github.com/OpenObservability/OpenMetrics/blob/v1.0.0/specification/OpenMetrics.md).
package struct Exposition {
    package enum Format: Sendable {
        case prometheus, openMetrics

        /// What a scraper's `Accept` field asks for; Prometheus' text for anybody who does not ask.
        package init(accept: String) {
            let offers = accept.lowercased().split(separator: ",")
            let wanted = offers.contains {
                let parts = $0.split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" } }
                return parts.first == "application/openmetrics-text" && !parts.contains { ["q=0", "q=0.0", "q=0.000"].contains($0) }
            }
            self = wanted ? .openMetrics : .prometheus
        }

        package var contentType: String {
            switch self {
            case .prometheus: "text/plain; version=0.0.4; charset=utf-8"
            case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
            }
        }
    }

    private let format: Format
    private var text = ""

    /// The whole document, ending in a line feed.
    package static func text(_ families: [MetricFamily], _ format: Format) -> String {
        var exposition = Exposition(format)
        for family in families where !family.series.isEmpty { exposition.write(family) }
        if format == .openMetrics { exposition.text += "# EOF\n" }
        return exposition.text
    }

    private init(_ format: Format) { self.format = format }

    private mutating func write(_ family: MetricFamily) {
        let (name, type) = heading(family)
        text += "# HELP \(name) \(escaped(family.help, quotes: format == .openMetrics))\n# TYPE \(name) \(type)\n"
        for series in family.series { write(series, of: family.name) }
    }

    /// OpenMetrics names a family without the suffix of its samples.
    private func heading(_ family: MetricFamily) -> (name: Substring, type: String) {
        switch (format, family.kind) {
        case (.prometheus, .info): (family.name[...], MetricFamily.Kind.gauge.rawValue)
        case (.openMetrics, .info): (family.name.without(suffix: "_info"), family.kind.rawValue)
        case (.openMetrics, .counter): (family.name.without(suffix: "_total"), family.kind.rawValue)
        default: (family.name[...], family.kind.rawValue)
        }
    }

    private mutating func write(_ series: MetricFamily.Series, of name: String) {
        switch series.value {
        case .integer(let value): sample(name, series.labels, String(value))
        case .real(let value): sample(name, series.labels, Self.number(value))
        case .summary(let count, let sum):
            sample(name + "_sum", series.labels, Self.number(sum))
            sample(name + "_count", series.labels, String(count))
        case .durations(let histogram):
            var total: Int64 = 0
            for (bucket, count) in histogram.counts.enumerated() {
                total += count
                let bounds = DurationHistogram.bounds
                let bound = bucket < bounds.count ? Self.seconds(bounds[bucket]) : "+Inf"
                sample(name + "_bucket", series.labels + [MetricFamily.Label("le", bound)], String(total))
            }
            sample(name + "_sum", series.labels, Self.seconds(histogram.sum))
            sample(name + "_count", series.labels, String(total))
        }
    }

    private mutating func sample(_ name: String, _ labels: [MetricFamily.Label], _ value: String) {
        text += name
        if !labels.isEmpty {
            let pairs = labels.map { "\($0.name)=\"\(escaped($0.value, quotes: true))\"" }
            text += "{" + pairs.joined(separator: ",") + "}"
        }
        text += " \(value)\n"
    }

    private func escaped(_ value: String, quotes: Bool) -> String {
        var result = ""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\"" where quotes: result += "\\\""
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    // MARK: Numbers

    /// As Go reads them: shortest form, `+Inf`, `-Inf`, `NaN`.
    private static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        return value.description
    }

    /// Nanoseconds as decimal seconds, exactly, with a decimal point as OpenMetrics wants bounds: 2500000 is 0.0025.
    private static func seconds(_ nanoseconds: Int64) -> String {
        let (whole, fraction) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        var digits = String(fraction)
        digits = String(repeating: "0", count: 9 - digits.count) + digits
        while digits.count > 1, digits.hasSuffix("0") { digits.removeLast() }
        return "\(whole).\(digits)"
    }
}

extension String {
    fileprivate func without(suffix: String) -> Substring { hasSuffix(suffix) ? dropLast(suffix.count) : self[...] }
}
