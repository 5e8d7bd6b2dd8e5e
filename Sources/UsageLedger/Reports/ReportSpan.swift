import BudgetModel

/// From when until when a report is, as people write it: milliseconds, `to` exclusive.
package struct ReportSpan: Hashable, Sendable {
    package var from: Int64
    package var to: Int64

    package init(from: Int64, to: Int64) { (self.from, self.to) = (from, to) }

    /// The month so far, in `zone`.
    package init(monthAround now: Int64, _ zone: LedgerZone) {
        from = zone.clock.bounds(of: .month(anchorDay: 1), at: now).start
        to = now
    }

    /// `30d`: the last 30 days of `zone`, today included; `12h`: the last 12 hours.
    /// nil for anything else.
    package init?(last text: String, before now: Int64, _ zone: LedgerZone) {
        guard let count = Int64(text.dropLast()), (1...Self.longest).contains(count), text.first != "+" else { return nil }
        switch text.last {
        case "h": from = now - count * 3_600_000
        case "d":
            // Noon, for days have 23 to 25 hours.
            let noon = zone.clock.bounds(of: .day, at: now).start + 43_200_000
            from = zone.clock.bounds(of: .day, at: noon - (count - 1) * 86_400_000).start
        default: return nil
        }
        guard from >= 0 else { return nil }
        to = now
    }

    /// Of a relative span, in its unit: over ten years of hours.
    private static let longest: Int64 = 100_000
}

extension LedgerZone {
    /// A time as RFC 3339 writes it, or the first instant of a date such as `2026-11-01` in this zone; milliseconds since 1970.
    /// nil for anything else, and for what was before 1970.
    package func instant(_ text: String) -> Int64? {
        guard let time = Timestamp.milliseconds(text), time >= 0 else { return nil }
        guard text.utf8.count == 10 else { return time }
        // About noon of that date here.
        let noon = time + 43_200_000 - clock.offset(at: time / 1_000) * 1_000
        return max(0, clock.bounds(of: .day, at: noon).start)
    }

    /// The month before the one around `now`.
    package func monthBefore(_ now: Int64) -> (year: Int, month: Int) {
        let start = clock.bounds(of: .month(anchorDay: 1), at: now).start
        let date = CivilDate(dayNumber: clock.localTime(at: start - 1).day)
        return (date.year, date.month)
    }

    /// `2026-11-20`: the day around `time` here.
    package func dayLabel(_ time: Int64) -> String { label(.day, from: time) }
}
