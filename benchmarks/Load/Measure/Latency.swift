import Histogram

/// Times by percentile, nanoseconds to three digits, in an HdrHistogram.
struct Latency: Sendable {
    /// Longer is counted as this: a call that was due in a full queue can be as old as the run.
    private static let longest: UInt64 = 1_000_000_000_000
    private var histogram = Histogram<UInt32>(
        lowestDiscernibleValue: 1_000, highestTrackableValue: longest, numberOfSignificantValueDigits: .three)

    mutating func record(_ nanoseconds: Int64) {
        histogram.record(min(UInt64(max(nanoseconds, 0)), Self.longest))
    }

    mutating func reset() { histogram.reset() }

    var count: Int { Int(histogram.totalCount) }

    /// 100 is the maximum; 0 when nothing was recorded.
    func percentile(_ percentile: Double) -> Int64 { count == 0 ? 0 : Int64(histogram.valueAtPercentile(percentile)) }
}

/// The percentiles of a table.
struct Percentiles: Encodable, Hashable, Sendable {
    /// Microseconds.
    var p50, p90, p99, p999, max: Double

    init(_ latency: Latency) {
        func value(_ percentile: Double) -> Double { Double(latency.percentile(percentile)) / 1_000 }
        p50 = value(50)
        p90 = value(90)
        p99 = value(99)
        p999 = value(99.9)
        max = value(100)
    }
}
