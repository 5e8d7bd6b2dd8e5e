package import BudgetModel

/// What a report is grouped by, besides time.
package enum UsageGroup: Hashable, Sendable {
    /// `model` is the catalogue's name of the model charged. Sessions are known of raw rows alone.
    case dimension(Dimension)
    /// What a non-token cost was for.
    case component
    case priceClass
    case priceVersion
    /// Whether it was booked after the month it belongs to was over: `true` or `false`.
    case correction

    /// The word in `group_by` and the column's name in answers.
    package var word: String {
        switch self {
        case .dimension(let dimension): dimension.rawValue
        case .component: "component"
        case .priceClass: "price_class"
        case .priceVersion: "price_version"
        case .correction: "correction"
        }
    }

    package static let all: [UsageGroup] =
        Dimension.allCases.map(UsageGroup.dimension) + [.component, .priceClass, .priceVersion, .correction]

    package init?(word: String) {
        guard let found = Self.all.first(where: { $0.word == word }) else { return nil }
        self = found
    }
}

/// The stretches of time a report is cut into.
package enum UsagePeriod: String, CaseIterable, Sendable {
    case hour, day, week, month

    var window: Window {
        switch self {
        case .hour: .hour
        case .day: .day
        case .week: .week
        case .month: .month(anchorDay: 1)
        }
    }
}

/// What a report is asked.
package struct UsageQuery: Sendable {
    /// Milliseconds; the time of the reserve, `to` exclusive.
    package var from: Int64
    package var to: Int64
    package var period: UsagePeriod?
    package var groups: [UsageGroup] = []
    /// Whose clock the periods follow; nil for the ledger's own.
    package var zone: LedgerZone?
    /// Only rows with one of these values; a nil among them stands for "none".
    package var filters: [UsageGroup: [Identifier?]] = [:]
    package var order = Order.keys
    /// Rows of each period at most.
    package var limit: Int?
    /// Whether rows tell, besides what was booked, how it came about. By user that is known of raw rows alone.
    package var withOutcomes = false

    package enum Order: Sendable {
        /// By the groups' values, byte by byte, in the order they were asked in.
        case keys
        case costDescending
    }

    /// Most periods that one report may be cut into: over a year of hours.
    package static let maximumPeriods = 10_000

    /// Nothing is booked before 1970 or after 9999.
    static let earliest: Int64 = 0
    static let latest: Int64 = 253_402_300_800_000

    package init(from: Int64, to: Int64) {
        self.from = from
        self.to = to
    }

    /// Reads `day,model,feature`: at most one period, each group once.
    /// - Throws: ``LedgerError/question(_:)``.
    package mutating func group(by text: String) throws {
        for word in text.split(separator: ",", omittingEmptySubsequences: false).map(String.init) {
            if let period = UsagePeriod(rawValue: word) {
                guard self.period == nil else { throw LedgerError.question("A report has one period: \(word) is one too many.") }
                self.period = period
            } else if let group = UsageGroup(word: word) {
                guard !groups.contains(group) else { throw LedgerError.question("\"\(word)\" stands there twice.") }
                groups.append(group)
            } else {
                let known = (UsagePeriod.allCases.map(\.rawValue) + UsageGroup.all.map(\.word)).joined(separator: ", ")
                throw LedgerError.question("Nothing is grouped by \"\(word)\"; there are \(known).")
            }
        }
    }

    /// Whether the report asks for something that only rows with a user, or only raw rows, can tell.
    var needsUser: Bool { involves(.dimension(.user)) }
    var needsSession: Bool { involves(.dimension(.session)) }

    private func involves(_ group: UsageGroup) -> Bool { groups.contains(group) || filters[group] != nil }
}

/// A line of a report.
package struct UsageRow: Sendable {
    /// The whole period, though the report may begin or end inside it; nil when it is not cut into periods.
    package var period: WindowBounds?
    /// Values of the query's groups, in its order; nil where a booking has none.
    package var keys: [String?]
    package var requests: Int64 = 0
    package var inputTokens: Int64 = 0
    package var outputTokens: Int64 = 0
    /// Part of ``inputTokens``.
    package var cachedInputTokens: Int64 = 0
    package var cacheWriteInputTokens: Int64 = 0
    /// Part of ``outputTokens``.
    package var reasoningTokens: Int64 = 0
    /// Microcents.
    package var cost: Int64 = 0
    /// Settlements of models without a price: tokens without a cost.
    package var unpriced: Int64 = 0

    /// Only of a query that asks for them.
    package var outcomes: UsageOutcomes?

    package var tokens: Int64 { bounded(inputTokens, plus: outputTokens) }
}

/// How usage came about: counts of reservations, unless said otherwise.
package struct UsageOutcomes: Hashable, Sendable {
    /// Tokens, and microcents, that were held by reservations that have ended.
    package var heldTokens: Int64
    package var heldCost: Int64
    /// Ended reservations that had been an allow, or a degrade.
    package var allowed: Int64
    package var degraded: Int64
    package var released: Int64
    package var expired: Int64
    /// Booked without a reserve.
    package var recorded: Int64
    package var late: Int64
    package var estimated: Int64
    package var overHold: Int64
    /// Settlements whose provider's total differed from the sum of its parts.
    package var mismatched: Int64
    /// Milliseconds of all settlements that told a latency, and how many did.
    package var latencySum: Int64
    package var latencyCount: Int64
}

/// A report whose rows are still to come.
package struct UsageReport: Sendable {
    package let query: UsageQuery
    /// The zone of its periods.
    package let zone: LedgerZone
    /// Milliseconds: from here on raw rows are all there, 0 while none was ever removed.
    package let rawSince: Int64
    /// Whether it had to look where raw rows are gone; then something before ``rawSince`` is missing.
    package let isIncomplete: Bool
    package let rows: RowStream<UsageRow>
}
