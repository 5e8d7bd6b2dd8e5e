/// What an allowance counts. The raw value is the word in policy and answers; ``code`` is the scripts' number for it.
package enum AllowanceUnit: String, CaseIterable, Sendable, Hashable {
    case tokens
    case inputTokens = "input_tokens"
    case outputTokens = "output_tokens"
    case usd
    case requests
    case inFlight = "in_flight"

    /// The unit's number in Lua scripts and stored records; never change one.
    package var code: UInt8 {
        switch self {
        case .tokens: 1
        case .inputTokens: 2
        case .outputTokens: 3
        case .usd: 4
        case .requests: 5
        case .inFlight: 6
        }
    }
}

/// How far usage may go, in the allowance's unit: each step of a decision has its own bound.
package struct Levels: Hashable, Sendable {
    /// Up to here the asked model is served.
    package var soft: Int64
    /// The limit itself, top-ups included.
    package var limit: Int64
    /// The limit with its overdraft.
    package var overdraft: Int64
    /// The overdraft with the grace of protected hours.
    package var grace: Int64
}

/// A limit: so much of a unit, in a window, counted per some dimensions.
package struct Allowance: Hashable, Sendable {
    package var name: Identifier
    package var unit: AllowanceUnit
    /// Integer in the unit; microcents for `usd`.
    package var limit: Int64
    package var window: Window
    /// IANA name of the zone its calendar windows follow.
    package var timeZone: String
    /// In ``Dimension``'s order; empty for one counter shared by everyone it matches.
    package var per: [Dimension]
    package var match: [Dimension: Identifier]
    package var softLimit: Percentage?
    package var overdraft: Percentage
    /// A request without one of the `per` dimensions is refused (422) instead of passing by.
    package var required: Bool
    /// Counted and reported, never binding.
    package var shadow: Bool

    package init(
        name: Identifier, unit: AllowanceUnit, limit: Int64, window: Window, timeZone: String, per: [Dimension],
        match: [Dimension: Identifier], softLimit: Percentage?, overdraft: Percentage, required: Bool, shadow: Bool
    ) {
        self.name = name
        self.unit = unit
        self.limit = limit
        self.window = window
        self.timeZone = timeZone
        self.per = per
        self.match = match
        self.softLimit = softLimit
        self.overdraft = overdraft
        self.required = required
        self.shadow = shadow
    }

    /// How long a session's lifetime counter outlives its last use, milliseconds; nil of every other counter.
    package var idleTime: Int64? { window == .lifetime && per.contains(.session) ? Self.sessionIdleTime : nil }
    package static let sessionIdleTime: Int64 = 30 * 86_400_000
    package var isPerUser: Bool { per.contains(.user) }
    /// Whether a model without a price must be refused here.
    package var bindsMoney: Bool { unit == .usd && !shadow }
    package var dependsOnModel: Bool { per.contains(.model) || match[.model] != nil }

    /// Bounds for a limit of `base` (the policy's, or ops' own for one user) plus `topUp`. Percentages are of the base.
    package func levels(base: Int64, topUp: Int64, grace: Percentage) -> Levels {
        if shadow {
            // Beyond every amount, so that not even a counter that is full refuses.
            return Levels(soft: .max, limit: .max, overdraft: .max, grace: .max)
        }
        let limit = min(base + topUp, Amount.maximum)
        func above(_ share: Percentage) -> Int64 { min(limit + share.share(of: base), Amount.maximum) }
        return Levels(
            soft: softLimit.map { min($0.share(of: base), limit) } ?? limit,
            limit: limit,
            overdraft: above(overdraft),
            grace: above(overdraft + (unit == .inFlight ? .zero : grace)))
    }
}
