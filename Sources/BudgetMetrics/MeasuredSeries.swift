import CoreMetrics
import Synchronization

/// One series of a ``MetricsRegistry``: it takes values from any thread and shows the present one.
protocol MeasuredSeries: AnyObject, Sendable {
    /// nil until something was measured.
    var value: MetricFamily.Value? { get }
}

final class CounterSeries: MeasuredSeries, CounterHandler {
    private let count = Atomic<Int64>(0)

    var value: MetricFamily.Value? { .integer(count.load(ordering: .relaxed)) }
    func increment(by amount: Int64) { count.wrappingAdd(amount, ordering: .relaxed) }
    func reset() { count.store(0, ordering: .relaxed) }
}

final class GaugeSeries: MeasuredSeries, RecorderHandler, MeterHandler {
    private let present = Mutex<MetricFamily.Value?>(nil)

    var value: MetricFamily.Value? { present.withLock { $0 } }
    func record(_ value: Int64) { set(value) }
    func record(_ value: Double) { set(value) }
    func set(_ value: Int64) { present.withLock { $0 = .integer(value) } }
    func set(_ value: Double) { present.withLock { $0 = .real(value) } }
    func increment(by amount: Double) { add(amount) }
    func decrement(by amount: Double) { add(-amount) }

    private func add(_ amount: Double) {
        present.withLock { present in
            switch present {
            case .integer(let value): present = .real(Double(value) + amount)
            case .real(let value): present = .real(value + amount)
            default: present = .real(amount)
            }
        }
    }
}

final class SummarySeries: MeasuredSeries, RecorderHandler {
    private let total = Mutex<(count: Int64, sum: Double)>((0, 0))

    var value: MetricFamily.Value? { total.withLock { .summary(count: $0.count, sum: $0.sum) } }
    func record(_ value: Int64) { record(Double(value)) }
    func record(_ value: Double) { total.withLock { $0 = ($0.count + 1, $0.sum + value) } }
}

final class DurationSeries: MeasuredSeries, TimerHandler {
    private let histogram = Mutex(DurationHistogram())

    var value: MetricFamily.Value? { .durations(histogram.withLock { $0 }) }
    func recordNanoseconds(_ duration: Int64) { histogram.withLock { $0.record(nanoseconds: duration) } }
}
