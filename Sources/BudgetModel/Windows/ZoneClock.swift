import Foundation

/// A time zone's offsets and the calendar windows that follow from them.
///
/// The only file of the domain that needs Foundation, for its zone data. It is asked when a window rolls over, never per request.
package struct ZoneClock: Sendable {
    private let zone: TimeZone

    /// nil when `name` is no IANA time zone.
    package init?(_ name: String) {
        guard name == "UTC" || name.contains("/") || TimeZone.knownTimeZoneIdentifiers.contains(name),
            let zone = TimeZone(identifier: name)
        else { return nil }
        self.zone = zone
    }

    /// Seconds east of UTC at `time`, seconds since 1970.
    package func offset(at time: Int64) -> Int64 {
        Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: TimeInterval(time))))
    }

    /// The window of `kind`, which must be a calendar window, around `milliseconds` since 1970.
    package func bounds(of kind: Window, at milliseconds: Int64) -> WindowBounds {
        let time = floorDivide(milliseconds, 1_000)
        let seconds: (start: Int64, end: Int64) =
            switch kind {
            case .minute: clockBounds(length: 60, at: time)
            case .hour: clockBounds(length: 3_600, at: time)
            case .day: dateBounds(at: time) { ($0, $0 + 1) }
            case .week: dateBounds(at: time, weekAround)
            case .month(let anchor): dateBounds(at: time) { monthAround($0, anchorDay: anchor) }
            case .rolling, .refill, .lifetime, .none: preconditionFailure("\(kind) is no calendar window")
            }
        return WindowBounds(start: seconds.start * 1_000, end: seconds.end * 1_000)
    }

    /// Local day number (0 is 1970-01-01, a Thursday) and second of the day at `milliseconds`.
    package func localTime(at milliseconds: Int64) -> (day: Int, second: Int) {
        let time = floorDivide(milliseconds, 1_000)
        let local = time + offset(at: time)
        let day = floorDivide(local, 86_400)
        return (Int(day), Int(local - day * 86_400))
    }

    // MARK: Minutes and hours

    /// The stretch around `time` in which the local clock shows the same hour (or minute) at the same offset: an offset
    /// change always ends a window, so that windows tile time where a zone shifts by half an hour.
    private func clockBounds(length: Int64, at time: Int64) -> (Int64, Int64) {
        let here = offset(at: time)
        let start = floorDivide(time + here, length) * length - here
        let end = start + length
        let first = offset(at: start) == here ? start : change(from: start, to: time)
        let last = offset(at: end - 1) == here ? end : change(from: time, to: end - 1)
        return (first, last)
    }

    // MARK: Days, weeks and months

    /// The span of local dates that `span` puts around a day, as instants.
    private func dateBounds(at time: Int64, _ span: (Int) -> (Int, Int)) -> (Int64, Int64) {
        var day = Int(floorDivide(time + offset(at: time), 86_400))
        // Where clocks were set back across midnight, the date on the wall and the window disagree for an hour: instants decide.
        while midnight(of: day + 1) <= time { day += 1 }
        while midnight(of: day) > time { day -= 1 }
        let (first, next) = span(day)
        return (midnight(of: first), midnight(of: next))
    }

    /// The first instant at which the local date is `day` or later.
    private func midnight(of day: Int) -> Int64 {
        let local = Int64(day) * 86_400
        let before = offset(at: local - 86_400)
        let after = offset(at: local + 86_400)
        if before == after { return local - before }
        let turn = change(from: local - 86_400, to: local + 86_400)
        return local - before < turn ? local - before : max(turn, local - after)
    }

    /// The first second after `from` whose offset is that of `to`; the two must differ and hold one change between them.
    private func change(from: Int64, to: Int64) -> Int64 {
        let target = offset(at: to)
        var low = from
        var high = to
        while high - low > 1 {
            let middle = low + (high - low) / 2
            if offset(at: middle) == target { high = middle } else { low = middle }
        }
        return high
    }
}

private func weekAround(_ day: Int) -> (Int, Int) {
    let monday = day - Int(((Int64(day) + 3) % 7 + 7) % 7)
    return (monday, monday + 7)
}

private func monthAround(_ day: Int, anchorDay: Int) -> (Int, Int) {
    let date = CivilDate(dayNumber: day)
    let start = CivilDate.monthStart(year: date.year, month: date.month, anchorDay: anchorDay)
    if day >= start {
        return (start, CivilDate.monthStart(year: date.year, month: date.month + 1, anchorDay: anchorDay))
    }
    return (CivilDate.monthStart(year: date.year, month: date.month - 1, anchorDay: anchorDay), start)
}

package func floorDivide(_ a: Int64, _ b: Int64) -> Int64 {
    let quotient = a / b
    return a % b < 0 ? quotient - 1 : quotient
}
