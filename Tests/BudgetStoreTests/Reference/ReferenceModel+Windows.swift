import BudgetModel
import Foundation

/// Calendar windows and protected hours, as Foundation's calendar knows them.
enum ReferenceCalendar {
    /// Start and end, in milliseconds since 1970, of the calendar window around `now`.
    static func bounds(of window: Window, zone: String, at now: Int64) -> (start: Int64, end: Int64) {
        let calendar = gregorian(zone)
        let date = wholeSecond(now)
        let interval =
            switch window {
            case .minute: oneOffset(calendar.dateInterval(of: .minute, for: date)!, calendar.timeZone, around: date)
            case .hour: oneOffset(calendar.dateInterval(of: .hour, for: date)!, calendar.timeZone, around: date)
            case .day: days(calendar, around: date)
            case .week: weeks(calendar, around: date)
            case .month(let anchor): months(anchor, calendar, around: date)
            case .rolling, .refill, .lifetime, .none: preconditionFailure("no calendar window")
            }
        return (milliseconds(interval.start), milliseconds(interval.end))
    }

    /// Hours that end at or before their start run into the next day, and belong to the day they began on.
    static func isInside(_ hours: ProtectedHours, at now: Int64) -> Bool {
        let local = gregorian(hours.timeZone).dateComponents([.weekday, .hour, .minute], from: wholeSecond(now))
        let today = (local.weekday! + 5) % 7
        let yesterday = (today + 6) % 7
        let minute = local.hour! * 60 + local.minute!
        if hours.start < hours.end {
            return hours.weekdays.contains(today) && hours.start <= minute && minute < hours.end
        }
        let begunToday = hours.weekdays.contains(today) && minute >= hours.start
        let begunYesterday = hours.weekdays.contains(yesterday) && minute < hours.end
        return begunToday || begunYesterday
    }

    private static func gregorian(_ zone: String) -> Calendar {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = TimeZone(identifier: zone)!
        return calendar
    }

    /// Clocks set by half an hour end an hour: the part of `interval` around `date` at one offset from UTC.
    private static func oneOffset(_ interval: DateInterval, _ zone: TimeZone, around date: Date) -> DateInterval {
        let before = interval.start.addingTimeInterval(-1)
        let next = zone.nextDaylightSavingTimeTransition(after: before)
        guard let change = next, interval.contains(change) else { return interval }
        return change <= date
            ? DateInterval(start: change, end: interval.end) : DateInterval(start: interval.start, end: change)
    }

    // Days, weeks and months lie between the starts of local dates. Foundation's own intervals are not used for them:
    // they miss the instant where clocks are set back over midnight, and count a date that a zone skipped.

    private static func days(_ calendar: Calendar, around date: Date) -> DateInterval {
        let today = calendar.dateComponents([.year, .month, .day], from: date)
        return between((-2...2).map { start(today.year!, today.month!, today.day! + $0, calendar) }, around: date)
    }

    private static func weeks(_ calendar: Calendar, around date: Date) -> DateInterval {
        let today = calendar.dateComponents([.year, .month, .day, .weekday], from: date)
        let monday = today.day! - (today.weekday! + 5) % 7
        return between((-1...2).map { start(today.year!, today.month!, monday + $0 * 7, calendar) }, around: date)
    }

    /// From one anchor day to the next; the last day of a month too short for it.
    private static func months(_ anchor: Int, _ calendar: Calendar, around date: Date) -> DateInterval {
        let present = calendar.dateComponents([.year, .month], from: date)
        let starts = (-1...2).map { offset in
            let middle = DateComponents(year: present.year, month: present.month! + offset, day: 15, hour: 12)
            let length = calendar.range(of: .day, in: .month, for: calendar.date(from: middle)!)!.count
            return start(present.year!, present.month! + offset, min(anchor, length), calendar)
        }
        return between(starts, around: date)
    }

    /// When a local date begins; `month` and `day` may count on past their ends.
    private static func start(_ year: Int, _ month: Int, _ day: Int, _ calendar: Calendar) -> Date {
        calendar.startOfDay(for: calendar.date(from: DateComponents(year: year, month: month, day: day, hour: 12))!)
    }

    private static func between(_ starts: [Date], around date: Date) -> DateInterval {
        let index = starts.lastIndex { $0 <= date }!
        return DateInterval(start: starts[index], end: starts[index + 1])
    }

    private static func wholeSecond(_ milliseconds: Int64) -> Date {
        Date(timeIntervalSince1970: (Double(milliseconds) / 1_000).rounded(.down))
    }

    private static func milliseconds(_ date: Date) -> Int64 { Int64(date.timeIntervalSince1970.rounded()) * 1_000 }
}

/// What one counter holds. `used` of a refill is the whole units; `drained` of the next one are gone already.
struct ReferenceCounter: Equatable {
    var used: Int64 = 0
    var held: Int64 = 0
    /// Of calendar and rolling windows.
    var start: Int64?
    var end: Int64?
    /// Of a refill: parts of one unit, 0 up to the period in steps.
    var drained: Int64 = 0
    var drainedAt: Int64 = 0
    var drainLimit: Int64 = 0
    /// The last time anything was held, booked or freed.
    var touched: Int64

    /// A counter nobody used before `now`.
    static func fresh(_ key: ReferenceCounterKey, at now: Int64) -> ReferenceCounter {
        var counter = ReferenceCounter(touched: now)
        counter.drainedAt = now
        switch key.window {
        case .minute, .hour, .day, .week, .month:
            let bounds = ReferenceCalendar.bounds(of: key.window, zone: key.zone, at: now)
            counter.start = bounds.start
            counter.end = bounds.end
        case .rolling(let duration):
            counter.start = now
            counter.end = now + duration
        // Steps of a second are those of the clock.
        case .refill(let period): counter.drainedAt = now - now % ReferenceRefill.step(period)
        case .lifetime, .none: break
        }
        return counter
    }

    /// Lets a refill drain until `now`, at the limit it was last used with.
    mutating func drain(period milliseconds: Int64, until now: Int64) {
        let step = ReferenceRefill.step(milliseconds)
        let steps = (now - drainedAt) / step
        guard steps > 0 else { return }
        drainedAt += steps * step
        let period = Int128(milliseconds / step)
        let parts = Int128(drained) + Int128(steps) * Int128(drainLimit)
        guard parts / period < Int128(used) else {
            used = 0
            drained = 0
            return
        }
        used -= Int64(parts / period)
        drained = Int64(parts % period)
    }

    /// Adds to what is used, never below nothing.
    mutating func book(_ amount: Int64) {
        used = max(0, used + amount)
        if used == 0 { drained = 0 }
    }

    /// When `units` more have drained at `limit`; nil if they never do.
    func time(toDrain units: Int64, limit: Int64, period milliseconds: Int64) -> Int64? {
        guard units > 0 else { return drainedAt }
        guard limit > 0 else { return nil }
        let step = ReferenceRefill.step(milliseconds)
        let parts = Int128(units) * Int128(milliseconds / step) - Int128(drained)
        return drainedAt + Int64((parts + Int128(limit) - 1) / Int128(limit)) * step
    }
}

enum ReferenceRefill {
    /// Milliseconds in which a refill drains at once.
    static func step(_ period: Int64) -> Int64 { period <= 86_400_000 ? 1 : 1_000 }
}
