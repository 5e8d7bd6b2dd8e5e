/// How long something took, counted in buckets of fixed bounds. A plain value of whoever owns it - an event loop, or a lock - so that
/// recording costs a few comparisons and nothing else.
package struct DurationHistogram: Sendable, Equatable {
    /// Upper bounds of the buckets, nanoseconds. From a fast local Redis (50 us) over the deadline of a command (250 ms) to a call
    /// that is as good as lost (2.5 s).
    package static let bounds: [Int64] = [
        50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000, 10_000_000, 25_000_000, 50_000_000, 100_000_000,
        250_000_000, 500_000_000, 1_000_000_000, 2_500_000_000,
    ]
    /// Of each bucket alone; the last has no bound.
    package private(set) var counts: [Int64]
    /// All durations together, nanoseconds.
    package private(set) var sum: Int64 = 0
    private let bounds = Self.bounds

    package init() { counts = Array(repeating: 0, count: Self.bounds.count + 1) }

    package mutating func record(nanoseconds: Int64) {
        let duration = max(nanoseconds, 0)
        var bucket = 0
        while bucket < bounds.count, duration > bounds[bucket] { bucket += 1 }
        counts[bucket] += 1
        sum &+= duration
    }

    package mutating func add(_ other: DurationHistogram) {
        for bucket in counts.indices { counts[bucket] += other.counts[bucket] }
        sum &+= other.sum
    }
}
