/// Milliseconds since 1970 as RFC 3339 text in UTC, without Foundation.
package enum Timestamp {
    /// `2026-11-21T05:00:00Z`, with milliseconds where there are any.
    /// - Parameter alwaysMilliseconds: `.000` stands there too.
    package static func text(_ milliseconds: Int64, alwaysMilliseconds: Bool = false) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(24)
        append(milliseconds, alwaysMilliseconds, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func append(_ milliseconds: Int64, _ alwaysMilliseconds: Bool, to bytes: inout [UInt8]) {
        let seconds = floorDivide(milliseconds, 1_000)
        let day = floorDivide(seconds, 86_400)
        let second = Int(seconds - day * 86_400)
        let date = CivilDate(dayNumber: Int(day))
        appendPadded(date.year, 4, to: &bytes)
        bytes.append(UInt8(ascii: "-"))
        appendPadded(date.month, 2, to: &bytes)
        bytes.append(UInt8(ascii: "-"))
        appendPadded(date.day, 2, to: &bytes)
        bytes.append(UInt8(ascii: "T"))
        appendPadded(second / 3_600, 2, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        appendPadded(second / 60 % 60, 2, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        appendPadded(second % 60, 2, to: &bytes)
        let fraction = Int(milliseconds - seconds * 1_000)
        if alwaysMilliseconds || fraction != 0 {
            bytes.append(UInt8(ascii: "."))
            appendPadded(fraction, 3, to: &bytes)
        }
        bytes.append(UInt8(ascii: "Z"))
    }

    private static func appendPadded(_ value: Int, _ width: Int, to bytes: inout [UInt8]) {
        var scale = 1
        for _ in 1..<width { scale *= 10 }
        var rest = value
        while scale > 0 {
            bytes.append(UInt8(ascii: "0") + UInt8(rest / scale % 10))
            rest %= scale
            scale /= 10
        }
    }
}
