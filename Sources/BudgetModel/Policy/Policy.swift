/// The whole document ops write, read and checked. A value: an edit makes another policy.
package struct Policy: Hashable, Sendable {
    package var timeZone = "UTC"
    package var defaultTier: Identifier?
    /// These count for everyone they match; they come before a tier's own in every answer.
    package var allowances: [Allowance] = []
    package var tiers: [Identifier: Tier] = [:]
    package var features: [Identifier: Feature] = [:]
    /// The policy's own prices; those of the price document stand beside it.
    package var catalogue = PriceCatalogue()
    package var discounts: [Discount] = []
    package var alerts: [AlertRule] = []
    package var destinations: [Identifier: Destination] = [:]
    package init() {}
}

/// A named plan of a customer.
package struct Tier: Hashable, Sendable {
    package var allowances: [Allowance] = []
    package var ladder: [Identifier] = []
    package var maximumOutput: Int64?
    package var message: String?
    package var whenStoreIsDown: StoreDownMode = .reject
    package var storeDownCap: StoreDownCap?
    package var protectedHours: ProtectedHours?
    package init() {}
}

package struct Feature: Hashable, Sendable {
    package var maximumOutput: Int64?
    /// nil: the tier's ladder; empty: none.
    package var ladder: [Identifier]?
    package init() {}
}

/// What a node answers while Redis is away.
package enum StoreDownMode: String, CaseIterable, Sendable, Hashable {
    case reject, allow, degrade
}

/// The most one node lets through while Redis is away.
package struct StoreDownCap: Hashable, Sendable {
    package var unit: AllowanceUnit
    package var limit: Int64
    package var window: Window

    package init(unit: AllowanceUnit, limit: Int64, window: Window) {
        self.unit = unit
        self.limit = limit
        self.window = window
    }
}

/// Hours in which customers of a tier are not refused while the grace lasts.
package struct ProtectedHours: Hashable, Sendable {
    /// 0 is Monday; never empty.
    package var weekdays: Set<Int>
    /// Minutes after midnight, local time. `end` is exclusive; when it is not after `start`, the hours run into the next day.
    package var start: Int
    package var end: Int
    package var timeZone: String
    /// The share of a limit on top of its overdraft.
    package var grace: Percentage

    package init(weekdays: Set<Int>, start: Int, end: Int, timeZone: String, grace: Percentage) {
        self.weekdays = weekdays
        self.start = start
        self.end = end
        self.timeZone = timeZone
        self.grace = grace
    }

    /// Whether a local time lies inside. `day` counts from 1970-01-01, `minute` from midnight.
    package func contain(day: Int, minute: Int) -> Bool {
        let weekday = ((day + 3) % 7 + 7) % 7
        if start < end { return weekdays.contains(weekday) && start <= minute && minute < end }
        return (weekdays.contains(weekday) && minute >= start) || (weekdays.contains((weekday + 6) % 7) && minute < end)
    }
}

/// A rule of the policy's `alerts`.
package struct AlertRule: Hashable, Sendable {
    package enum Trigger: Hashable, Sendable {
        /// An allowance's use crosses one of these shares of its limit.
        case allowance(at: [Percentage])
        /// More than this many microcents in one window.
        case spend(window: Window, above: Int64)
        /// One request of more than this many microcents.
        case request(above: Int64)
        /// A window's spend this many times the usual, in thousandths.
        case spendRate(window: Window, times: Int64)
    }
    package var name: Identifier
    package var trigger: Trigger
    package var destination: Identifier

    package init(name: Identifier, trigger: Trigger, destination: Identifier) {
        self.name = name
        self.trigger = trigger
        self.destination = destination
    }
}

/// Where alerts go. Secrets stand in the environment; policy names the variables only.
package enum Destination: Hashable, Sendable {
    case slack(urlVariable: String)
    case pagerDuty(routingKeyVariable: String)
    case webhook(url: String, secretVariable: String?)
}
