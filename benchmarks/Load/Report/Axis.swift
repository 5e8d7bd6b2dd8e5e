import CommandSupport
import Foundation

/// Maps values to 0...1 of a chart's side and says where its marks are.
struct Axis {
    struct Mark {
        var place: Double
        var text: String
    }

    let marks: [Mark]
    private let map: (Double) -> Double

    func place(_ value: Double) -> Double { min(max(map(value), 0), 1) }

    /// Microseconds on a logarithmic scale: latencies of one run differ by powers of ten.
    static func times(_ values: [Double]) -> Axis {
        let values = values.filter { $0 > 0 }
        let low = round(values.min() ?? 100, up: false)
        let high = max(round(values.max() ?? 1_000, up: true), 10 * low)
        let map = { (value: Double) in log10(max(value, low) / low) / log10(high / low) }
        // Beyond three powers of ten there is room for these alone.
        let steps: [Double] = high / low > 1_500 ? [1] : [1, 2, 5]
        let marks = stride(from: log10(low).rounded(.down), through: log10(high), by: 1).flatMap { decade in
            steps.map { $0 * pow(10, decade) }.filter { (low * 0.999...high * 1.001).contains($0) }
        }
        return Axis(marks: marks.map { Mark(place: map($0), text: short($0)) }, map: map)
    }

    /// `200 us`, `5 ms`, `1 s`
    private static func short(_ microseconds: Double) -> String {
        let (value, unit) =
            microseconds < 999 ? (microseconds, "us") : microseconds < 999_999 ? (microseconds / 1e3, "ms") : (microseconds / 1e6, "s")
        return String(format: "%g %@", (value * 10).rounded() / 10, unit)
    }

    /// From 0 to a round number above all values.
    static func counts(_ values: [Double]) -> Axis {
        let top = max(values.max() ?? 1, 1)
        let step = round(top / 4, up: true)
        let end = (top / step).rounded(.up) * step
        let marks = stride(from: 0, through: end, by: step).map { Mark(place: $0 / end, text: Words.grouped(Int($0))) }
        return Axis(marks: marks, map: { $0 / end })
    }

    /// From `range`'s start to its end, with about six marks.
    static func linear(_ range: ClosedRange<Double>, _ unit: String) -> Axis {
        let length = max(range.upperBound - range.lowerBound, 1e-9)
        let step = round(length / 6, up: true)
        let first = (range.lowerBound / step).rounded(.up) * step
        let map = { (value: Double) in (value - range.lowerBound) / length }
        let marks = stride(from: first, through: range.upperBound, by: step).map { value in
            Mark(place: map(value), text: (value == value.rounded() ? Words.grouped(Int(value)) : String(format: "%g", value)) + unit)
        }
        return Axis(marks: marks, map: map)
    }

    /// Percentiles with as much room for each nine, up to `last`.
    static func nines(upTo last: Double) -> Axis {
        let nines = { (percentile: Double) in -log10(max(1 - percentile / 100, 1e-9)) }
        let length = max(nines(last), 1)
        let marks = [0, 50, 90, 99, 99.9, 99.99, 99.999, 99.9999].filter { nines($0) <= length + 0.01 }
        return Axis(
            marks: marks.map { Mark(place: nines($0) / length, text: String(format: "%g %%", $0)) }, map: { nines($0) / length })
    }

    /// The next 1, 2 or 5 times a power of ten.
    private static func round(_ value: Double, up: Bool) -> Double {
        let power = pow(10, log10(value).rounded(.down))
        let choices: [Double] = [1, 2, 5, 10]
        let found = up ? choices.first { $0 * power >= value * 0.999 } : choices.last { $0 * power <= value * 1.001 }
        return (found ?? 1) * power
    }
}
