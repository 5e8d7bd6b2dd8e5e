/// Milliseconds since 1970 as RFC 3339 text in UTC, without Foundation.
package enum Timestamp {
    /// `2026-11-21T05:00:00Z`, with milliseconds where there are any.
    /// - Parameter alwaysMilliseconds: `.000` stands there too.
    package static func text(_ milliseconds: Int64, alwaysMilliseconds: Bool = false) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(24)
        append(milliseconds, alwaysMilliseconds: alwaysMilliseconds, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    package static func append(_ milliseconds: Int64, alwaysMilliseconds: Bool, to bytes: inout [UInt8]) {
        let seconds = floorDivide(milliseconds, 1_000)
        let day = floorDivide(seconds, 86_400)
        let second = Int(seconds - day * 86_400)
        let fraction = Int(milliseconds - seconds * 1_000)
        let date = CivilDate(dayNumber: Int(day))
        bytes.append(addingCapacity: 24) { output in
            two(date.year / 100, &output)
            two(date.year % 100, &output)
            output.append(UInt8(ascii: "-"))
            two(date.month, &output)
            output.append(UInt8(ascii: "-"))
            two(date.day, &output)
            output.append(UInt8(ascii: "T"))
            two(second / 3_600, &output)
            output.append(UInt8(ascii: ":"))
            two(second / 60 % 60, &output)
            output.append(UInt8(ascii: ":"))
            two(second % 60, &output)
            if alwaysMilliseconds || fraction != 0 {
                output.append(UInt8(ascii: "."))
                output.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: fraction / 100))
                two(fraction % 100, &output)
            }
            output.append(UInt8(ascii: "Z"))
        }
    }

    /// Two digits; of the years there are, the store's clock names none after 9999.
    @inline(__always)
    private static func two(_ value: Int, _ output: inout OutputSpan<UInt8>) {
        output.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value / 10 % 10))
        output.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value % 10))
    }
}
