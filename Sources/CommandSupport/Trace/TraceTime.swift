import BudgetModel

/// Times of arrival as traces write them, in nanoseconds. Only differences between them matter.
enum TraceTime {
    private static let second: Int64 = 1_000_000_000

    /// Reads `2023-11-16 18:15:46.6805900` (also with `T`, `Z` or an offset) or seconds such as `12.5`; nil for anything else.
    static func nanoseconds(_ field: ArraySlice<UInt8>) -> Int64? {
        field.contains(UInt8(ascii: ":")) ? timestamp(field) : seconds(field)
    }

    private static func seconds(_ field: ArraySlice<UInt8>) -> Int64? {
        // Up to 2^63 nanoseconds: 292 years.
        guard let (whole, fraction) = decimal(field), whole < Int64.max / second else { return nil }
        return whole * second + fraction
    }

    /// `12.5` -> 12 and 500,000,000; digits beyond a nanosecond are dropped.
    private static func decimal(_ field: ArraySlice<UInt8>) -> (whole: Int64, nanoseconds: Int64)? {
        let parts = field.split(separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let whole = TraceFields.digits(first, most: 18) else { return nil }
        guard parts.count == 2 else { return (whole, 0) }
        guard parts[1].allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
        let digits = parts[1].prefix(9) + repeatElement(UInt8(ascii: "0"), count: max(9 - parts[1].count, 0))
        return TraceFields.digits(digits, most: 9).map { (whole, $0) }
    }

    private static func timestamp(_ field: ArraySlice<UInt8>) -> Int64? {
        guard field.count >= 19, let day = day(field.prefix(10)) else { return nil }
        let separator = field[field.startIndex + 10]
        guard separator == UInt8(ascii: " ") || separator == UInt8(ascii: "T") else { return nil }
        let clock = field.dropFirst(11)
        guard clock[clock.startIndex + 2] == UInt8(ascii: ":"), clock[clock.startIndex + 5] == UInt8(ascii: ":"),
            let hour = TraceFields.digits(clock.prefix(2), most: 2),
            let minute = TraceFields.digits(clock.dropFirst(3).prefix(2), most: 2)
        else { return nil }
        let rest = clock.dropFirst(6)
        let secondsField = rest.prefix { $0 == UInt8(ascii: ".") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard let (seconds, fraction) = decimal(secondsField), hour < 24, minute < 60, seconds <= 60,
            let offset = offset(rest[secondsField.endIndex...])
        else { return nil }
        return (((day * 24 + hour) * 60 + minute - offset) * 60 + seconds) * second + fraction
    }

    /// Days since 1970 of `2023-11-16`, years 1900-2199.
    private static func day(_ field: ArraySlice<UInt8>) -> Int64? {
        let parts = field.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        let numbers = parts.compactMap { TraceFields.digits($0, most: 4).map { Int($0) } }
        guard parts.count == 3, numbers.count == 3 else { return nil }
        let date = CivilDate(year: numbers[0], month: numbers[1], day: numbers[2])
        guard (1900..<2200).contains(date.year), (1...12).contains(date.month),
            (1...CivilDate.daysIn(year: date.year, month: date.month)).contains(date.day)
        else { return nil }
        return Int64(date.dayNumber)
    }

    /// Minutes east of UTC: nothing or `Z` is 0, `+02:00` and `+0200` are 120.
    private static func offset(_ field: ArraySlice<UInt8>) -> Int64? {
        let field = field.drop { $0 == UInt8(ascii: " ") }
        guard let sign = field.first else { return 0 }
        let text = String(decoding: field, as: UTF8.self)
        if text == "Z" || text == "UTC" { return 0 }
        let digits = field.dropFirst().filter { $0 != UInt8(ascii: ":") }
        guard sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-"), digits.count == 4,
            let value = TraceFields.digits(digits[...], most: 4)
        else { return nil }
        let minutes = value / 100 * 60 + value % 100
        return sign == UInt8(ascii: "-") ? -minutes : minutes
    }
}
