/// Milliseconds since 1970 as RFC 3339 text in UTC, without Foundation.
package enum Timestamp {
    /// `2026-11-21T05:00:00Z`, with milliseconds where there are any.
    /// - Parameter alwaysMilliseconds: `.000` stands there too.
    package static func text(_ milliseconds: Int64, alwaysMilliseconds: Bool = false) -> String {
        var text = ByteWriter()
        text.append(timestamp: milliseconds, alwaysMilliseconds: alwaysMilliseconds)
        return text.text
    }
}

extension ByteWriter {
    /// As ``Timestamp/text(_:alwaysMilliseconds:)``.
    package mutating func append(timestamp milliseconds: Int64, alwaysMilliseconds: Bool) {
        let seconds = floorDivide(milliseconds, 1_000)
        let day = floorDivide(seconds, 86_400)
        let second = Int(seconds - day * 86_400)
        let fraction = Int(milliseconds - seconds * 1_000)
        let date = CivilDate(dayNumber: Int(day))
        let hasMilliseconds = alwaysMilliseconds || fraction != 0
        append(length: hasMilliseconds ? 24 : 20) { output in
            two(date.year / 100, output)
            two(date.year % 100, output + 2)
            output[4] = UInt8(ascii: "-")
            two(date.month, output + 5)
            output[7] = UInt8(ascii: "-")
            two(date.day, output + 8)
            output[10] = UInt8(ascii: "T")
            two(second / 3_600, output + 11)
            output[13] = UInt8(ascii: ":")
            two(second / 60 % 60, output + 14)
            output[16] = UInt8(ascii: ":")
            two(second % 60, output + 17)
            if hasMilliseconds {
                output[19] = UInt8(ascii: ".")
                output[20] = digit(fraction / 100)
                two(fraction % 100, output + 21)
            }
            output[hasMilliseconds ? 23 : 19] = UInt8(ascii: "Z")
        }
    }
}

/// Two digits; of the years there are, the store's clock names none after 9999.
@inline(__always)
private func two(_ value: Int, _ output: UnsafeMutablePointer<UInt8>) {
    output[0] = digit(value / 10)
    output[1] = digit(value)
}

@inline(__always)
private func digit(_ value: Int) -> UInt8 { UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value % 10) }
