/// A metric's name with all its series, as a scrape finds them.
package struct MetricFamily: Sendable {
    package enum Kind: String, Sendable {
        case counter, gauge, histogram, summary
        /// A gauge of 1 whose labels are what it says; only OpenMetrics has a word for it.
        case info
    }
    package struct Label: Hashable, Sendable {
        package var name: String
        package var value: String

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }
    package enum Value: Sendable {
        case integer(Int64)
        case real(Double)
        /// Shown in seconds.
        case durations(DurationHistogram)
        /// A count and a sum, without quantiles.
        case summary(count: Int64, sum: Double)
    }
    package struct Series: Sendable {
        package var labels: [Label]
        package var value: Value

        package init(_ labels: [Label], _ value: Value) {
            self.labels = labels
            self.value = value
        }
    }

    package let name: String
    package let kind: Kind
    package let help: String
    package var series: [Series] = []

    package init(_ name: String, _ kind: Kind, _ help: String) {
        self.name = name
        self.kind = kind
        self.help = help
    }
}

/// What one scrape has gathered from everywhere: a family's series stand together, whoever counted them.
package struct MetricFamilies: Sendable {
    private var byName: [String: MetricFamily] = [:]

    package init() {}

    /// Adds one series of a metric of the catalogue.
    package mutating func add(_ metric: ServiceMetric, _ value: MetricFamily.Value, _ labels: KeyValuePairs<String, String> = [:]) {
        var family = MetricFamily(metric.rawValue, metric.kind, metric.help)
        family.series = [MetricFamily.Series(labels.map { MetricFamily.Label($0.key, $0.value) }, value)]
        add(family)
    }

    package mutating func add(_ metric: ServiceMetric, _ count: Int64, _ labels: KeyValuePairs<String, String> = [:]) {
        add(metric, .integer(count), labels)
    }

    /// Adds a family's series to those of its name. One that calls itself another kind of metric is left out: no scraper takes both.
    package mutating func add(_ family: MetricFamily) {
        guard let known = byName[family.name] else { return byName[family.name] = family }
        guard known.kind == family.kind else { return }
        byName[family.name]?.series += family.series
    }

    /// The catalogue's metrics in its order, then all others by name.
    package var sorted: [MetricFamily] {
        let known = ServiceMetric.allCases.compactMap { byName[$0.rawValue] }
        let others = byName.values.filter { ServiceMetric(rawValue: $0.name) == nil }
        return known + others.sorted { $0.name < $1.name }
    }
}
