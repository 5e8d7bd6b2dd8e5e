private let weekdays = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

extension PolicyNode {
    /// `{days: mon-fri, hours: "09:00-18:00", time_zone: Europe/Berlin, grace: 10%}`; `zone` is the policy's.
    func protectedHours(zone: String) throws(PolicyError) -> ProtectedHours {
        let fields = try PolicyFields(self, ["days", "hours", "time_zone", "grace"], "protected hours")
        let days = try fields["days"]?.days() ?? Set(weekdays.indices)
        let (start, end) = try fields.required("hours", "\"09:00-18:00\"").hours()
        return ProtectedHours(
            weekdays: days, start: start, end: end,
            timeZone: try fields["time_zone"]?.zone() ?? zone,
            grace: try fields.required("grace", "10%").percentage())
    }

    private static var adviceOnDays: String { "write days such as mon-fri, \"mon,wed\", [sat, sun] or daily" }

    private func days() throws(PolicyError) -> Set<Int> {
        var days: Set<Int> = []
        if isList {
            for item in try items(Self.adviceOnDays) { days.formUnion(try item.dayRanges()) }
        } else {
            days = try dayRanges()
        }
        guard !days.isEmpty else { throw refusal("names no day", Self.adviceOnDays) }
        return days
    }

    /// `mon-fri`, `mon,wed`, `daily`.
    private func dayRanges() throws(PolicyError) -> Set<Int> {
        var days: Set<Int> = []
        for part in try text(Self.adviceOnDays).lowercased().split(separator: ",", omittingEmptySubsequences: false) {
            let word = trimmed(part)
            if word == "daily" {
                days.formUnion(weekdays.indices)
                continue
            }
            let ends = word.split(separator: "-", omittingEmptySubsequences: false)
            guard let first = ends.first, let last = ends.last, ends.count <= 2 else {
                throw refusal("\(quoted(String(word))) is no range of days", Self.adviceOnDays)
            }
            days.formUnion(daysFrom(try day(trimmed(first)), to: try day(trimmed(last))))
        }
        return days
    }

    private func day(_ word: Substring) throws(PolicyError) -> Int {
        guard let day = weekdays.firstIndex(of: String(word)) else {
            throw refusal("unknown day \(quoted(String(word)))", adviceOnSpelling(of: String(word), among: weekdays + ["daily"]))
        }
        return day
    }

    // MARK: Times of day

    private func hours() throws(PolicyError) -> (start: Int, end: Int) {
        let advice = "write hours such as \"09:00-18:00\", from 00:00 to 24:00"
        let text = try text(advice)
        let ends = text.split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count == 2, let start = minuteOfDay(trimmed(ends[0])), let end = minuteOfDay(trimmed(ends[1])), start < 1_440
        else {
            throw refusal("\(quoted(text)) are no hours", advice)
        }
        guard start != end else { throw refusal("\(quoted(text)) begin where they end", "write \"00:00-24:00\" for whole days") }
        return (start, end)
    }
}

/// The days of a range, which may run over the end of the week.
private func daysFrom(_ first: Int, to last: Int) -> [Int] {
    first <= last ? Array(first...last) : Array(first..<weekdays.count) + Array(0...last)
}

private func trimmed(_ text: Substring) -> Substring {
    var text = text.drop { $0 == " " }
    while text.last == " " { text.removeLast() }
    return text
}

/// `09:30` -> 570; `24:00` is the end of the day.
private func minuteOfDay(_ text: Substring) -> Int? {
    let digits = Array(text.utf8)
    guard digits.count == 5, digits[2] == UInt8(ascii: ":"), (digits[..<2] + digits[3...]).allSatisfy(isDigit) else { return nil }
    guard let hour = Int(text.prefix(2)), let minute = Int(text.suffix(2)), minute < 60 else { return nil }
    let total = hour * 60 + minute
    return total <= 1_440 ? total : nil
}
