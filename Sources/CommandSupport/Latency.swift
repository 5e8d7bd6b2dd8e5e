import Histogram

/// Times by percentile, nanoseconds to three digits, in an HdrHistogram.
package struct Latency: Sendable {
    /// Longer is counted as this: a call that was due in a full queue can be as old as the run.
    private static let longest: UInt64 = 1_000_000_000_000
    private var histogram = Histogram<UInt32>(
        lowestDiscernibleValue: 1_000, highestTrackableValue: longest, numberOfSignificantValueDigits: .three)

    package init() {}

    package mutating func record(_ nanoseconds: Int64) {
        histogram.record(min(UInt64(max(nanoseconds, 0)), Self.longest))
    }

    package mutating func record(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        record(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }

    package mutating func reset() { histogram.reset() }

    package var count: Int { Int(histogram.totalCount) }

    /// Nanoseconds; 100 is the maximum; 0 when nothing was recorded.
    package func percentile(_ percentile: Double) -> Int64 { count == 0 ? 0 : Int64(histogram.valueAtPercentile(percentile)) }
}

/// The percentiles of a table.
package struct Percentiles: Encodable, Hashable, Sendable {
    package var count: Int
    /// Microseconds.
    package var p50, p90, p99, p999, max: Double

    private enum CodingKeys: String, CodingKey {
        case count
        case p50 = "p50_us"
        case p90 = "p90_us"
        case p99 = "p99_us"
        case p999 = "p999_us"
        case max = "max_us"
    }

    package init(_ latency: Latency) {
        func value(_ percentile: Double) -> Double { Double(latency.percentile(percentile)) / 1_000 }
        count = latency.count
        p50 = value(50)
        p90 = value(90)
        p99 = value(99)
        p999 = value(99.9)
        max = value(100)
    }

    /// The headers of `cells`.
    package static let names = ["P50", "P90", "P99", "P99.9", "MAX"]

    package var cells: [String] {
        [p50, p90, p99, p999, max].map { count > 0 ? Words.microseconds($0) : TextTable.blank }
    }
}
