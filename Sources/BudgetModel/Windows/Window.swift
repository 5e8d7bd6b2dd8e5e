/// The time an allowance counts over.
package enum Window: Hashable, Sendable {
    case minute, hour, day, week
    /// Months that begin on this day, or on the last day of a month too short for it.
    case month(anchorDay: Int)
    /// This many milliseconds from the first use on.
    case rolling(Int64)
    /// A token bucket: `used` drains by the limit every so many milliseconds.
    case refill(Int64)
    case lifetime
    /// No window at all: `in_flight` counts what is open right now.
    case none

    /// Longest duration of a `rolling` or `refill` window: with whole-second steps above a day, drains stay exact in doubles.
    package static let maximumDuration: Int64 = 366 * 86_400_000

    package var isCalendar: Bool {
        switch self {
        case .minute, .hour, .day, .week, .month: true
        case .rolling, .refill, .lifetime, .none: false
        }
    }

    package var isRolling: Bool {
        if case .rolling = self { true } else { false }
    }

    package var isRefill: Bool {
        if case .refill = self { true } else { false }
    }

    /// Short text that tells any two windows apart; part of a counter's identity, so never change one.
    package var code: String {
        switch self {
        case .minute: "minute"
        case .hour: "hour"
        case .day: "day"
        case .week: "week"
        case .month(let day): "month\(day)"
        case .rolling(let duration): "rolling\(duration)"
        case .refill(let period): "refill\(period)"
        case .lifetime: "lifetime"
        case .none: "none"
        }
    }
}

/// Milliseconds since 1970 in which a calendar window lies: `start` inclusive, `end` exclusive.
package struct WindowBounds: Hashable, Sendable {
    package var start: Int64
    package var end: Int64

    package init(start: Int64, end: Int64) {
        self.start = start
        self.end = end
    }

    package func contains(_ time: Int64) -> Bool { start <= time && time < end }
}

/// How a refill counter drains: exact in integers, in Swift and in Lua alike.
package struct RefillRate: Hashable, Sendable {
    /// Milliseconds of one step: 1 up to a day's period, else 1,000, so that period squared stays below 2^53.
    package let step: Int64
    /// The period in steps.
    package let period: Int64

    package init(period: Int64, step: Int64) {
        self.period = period
        self.step = step
    }

    package init(milliseconds: Int64) {
        step = milliseconds <= 86_400_000 ? 1 : 1_000
        period = milliseconds / step
    }
}
