import BudgetMetrics
import CoreMetrics
import HummingbirdCore

/// What the control listener counts of its own requests.
struct ListenerMeters: Sendable {
    static let listener = ("listener", "control")
    private let answers: [Counter]
    private let durations: CoreMetrics.Timer

    init(_ registry: MetricsRegistry) {
        answers = (2...5).map {
            Counter(
                label: ServiceMetric.httpRequests.rawValue, dimensions: [Self.listener, ("status", "\($0)xx")], factory: registry)
        }
        durations = Timer(
            label: ServiceMetric.httpRequestDuration.rawValue, dimensions: [Self.listener], factory: registry)
    }

    func count(status: Int, after time: Duration) {
        answers[min(max(status / 100, 2), 5) - 2].increment()
        durations.recordNanoseconds(Int64(time / .nanoseconds(1)))
    }
}

/// Keeps the control listener's connections below their limit, and shows how many there are.
struct CountedConnections: AvailableConnectionsDelegate {
    private let limit: Int
    private let gauge: Gauge
    private var count = 0

    init(limit: Int, _ registry: MetricsRegistry) {
        self.limit = limit
        gauge = Gauge(metric: .connections, registry, [ListenerMeters.listener])
        gauge.record(0)
    }

    mutating func connectionOpened() {
        count += 1
        gauge.record(count)
    }

    mutating func connectionClosed() {
        count -= 1
        gauge.record(count)
    }

    func isAcceptingNewConnections() -> Bool { count < limit }
}
