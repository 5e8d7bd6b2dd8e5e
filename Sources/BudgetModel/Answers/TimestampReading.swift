extension Timestamp {
    /// Milliseconds since 1970 of `2026-11-01`, midnight UTC, or of a time as RFC 3339 writes it: `2026-11-01T00:00:00Z`,
    /// `2026-11-01T01:00:00.5+01:00`. Finer than a millisecond is cut off. nil for anything else, leap seconds included.
    package static func milliseconds(_ text: String) -> Int64? {
        var reader = TimestampReader(bytes: Array(text.utf8)[...])
        guard let day = reader.day() else { return nil }
        if reader.bytes.isEmpty { return day * 86_400_000 }
        guard reader.take("T") || reader.take("t"), let time = reader.time(), let offset = reader.offset(), reader.bytes.isEmpty else {
            return nil
        }
        return day * 86_400_000 + time - offset
    }
}

private struct TimestampReader {
    var bytes: ArraySlice<UInt8>

    mutating func take(_ mark: Unicode.Scalar) -> Bool {
        guard bytes.first == UInt8(ascii: mark) else { return false }
        bytes.removeFirst()
        return true
    }

    /// A number of exactly so many digits, at most `maximum`.
    mutating func number(_ digits: Int, _ maximum: Int) -> Int? {
        let text = bytes.prefix(digits)
        guard text.count == digits, text.allSatisfy(isDigit) else { return nil }
        bytes = bytes.dropFirst(digits)
        let value = text.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
        return value <= maximum ? value : nil
    }

    /// Days since 1970.
    mutating func day() -> Int64? {
        guard let year = number(4, 9_999), take("-"), let month = number(2, 12), take("-"), let day = number(2, 31),
            month > 0, day > 0, day <= CivilDate.daysIn(year: year, month: month)
        else { return nil }
        return Int64(CivilDate(year: year, month: month, day: day).dayNumber)
    }

    /// Milliseconds since midnight.
    mutating func time() -> Int64? {
        guard let hour = number(2, 23), take(":"), let minute = number(2, 59), take(":"), let second = number(2, 59) else { return nil }
        var milliseconds = Int64((hour * 60 + minute) * 60 + second) * 1_000
        if take(".") {
            let digits = bytes.prefix(while: isDigit)
            guard !digits.isEmpty else { return nil }
            bytes = bytes.dropFirst(digits.count)
            for (digit, unit) in zip(digits, [100, 10, 1] as [Int64]) { milliseconds += Int64(digit - UInt8(ascii: "0")) * unit }
        }
        return milliseconds
    }

    /// Milliseconds by which local time is ahead of UTC.
    mutating func offset() -> Int64? {
        if take("Z") || take("z") { return 0 }
        let isAhead = take("+")
        guard isAhead || take("-"), let hours = number(2, 23), take(":"), let minutes = number(2, 59) else { return nil }
        return Int64(hours * 60 + minutes) * (isAhead ? 60_000 : -60_000)
    }
}
