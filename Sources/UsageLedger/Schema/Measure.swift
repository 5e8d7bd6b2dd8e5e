import BudgetModel

/// What rollups sum up. New ones come with a migration.
enum Measure: Int, CaseIterable, Sendable {
    // What was booked.
    case requests, input, output, cost, cachedInput, cacheWrite, reasoning, unpriced
    // How it came about.
    case heldTokens, heldCost, allowed, degraded, released, expired, recorded, late, estimated, overHold, mismatched
    case latencySum, latencyCount

    var column: String { Self.columns[rawValue] }
    private static let columns = [
        "requests", "input", "output", "cost", "cached_input", "cache_write", "reasoning", "unpriced", "held_tokens", "held_cost",
        "allowed", "degraded", "released", "expired", "recorded", "late", "estimated", "over_hold", "mismatched", "latency_sum",
        "latency_count",
    ]

    /// Those kept per user too.
    static let booked: [Measure] = [.requests, .input, .output, .cost, .cachedInput, .cacheWrite, .reasoning, .unpriced]

    /// The same figure out of one raw row, as SQL.
    var ofEvent: String {
        switch self {
        case .requests, .input, .output, .cost: "added_\(column)"
        case .cachedInput: "added_cached"
        case .cacheWrite: "added_cache_write"
        case .reasoning: "added_reasoning"
        case .heldTokens: "CASE WHEN \(Self.ended) THEN held_input + held_output ELSE 0 END"
        case .heldCost: "CASE WHEN \(Self.ended) THEN COALESCE(held_cost, 0) ELSE 0 END"
        case .allowed: count("\(Self.ended) AND decision = 'allow'")
        case .degraded: count("\(Self.ended) AND decision = 'degrade'")
        case .released: count("kind = 'r'")
        case .expired: count("kind = 'e' OR \(Self.lapsed)")
        case .recorded: count("kind = 'k'")
        case .late: flag(.late)
        case .overHold: flag(.overHold)
        case .estimated: flag(.estimated)
        case .unpriced: flag(.unpriced)
        case .mismatched: flag(.usageMismatch)
        case .latencySum: "CASE WHEN \(Self.settled) THEN COALESCE(latency_ms, 0) ELSE 0 END"
        case .latencyCount: count("\(Self.settled) AND latency_ms IS NOT NULL")
        }
    }

    /// A reservation's hold came to its end: by a commit on time, a release, its expiry, or a settlement that came after its time and
    /// before the sweep. Once for each.
    private static let ended =
        "(kind IN ('r', 'e') OR (kind = 'c' AND flags & \(SettlementFlags.late.rawValue) = 0) OR \(lapsed))"
    private static let lapsed = "flags & \(SettlementFlags.lapsed.rawValue) <> 0"
    private static let settled = "kind IN ('c', 'k')"

    private func count(_ condition: String) -> String { "CASE WHEN \(condition) THEN 1 ELSE 0 END" }
    private func flag(_ flag: SettlementFlags) -> String { count("\(Self.settled) AND flags & \(flag.rawValue) <> 0") }
}

/// A figure for each ``Measure``.
struct Measures: Sendable {
    private var values = [Int64](repeating: 0, count: Measure.allCases.count)

    subscript(measure: Measure) -> Int64 {
        get { values[measure.rawValue] }
        set { values[measure.rawValue] = newValue }
    }

    static func += (sum: inout Measures, other: Measures) {
        for index in sum.values.indices {
            sum.values[index] = bounded(sum.values[index], plus: other.values[index])
        }
    }

    func stored(_ measures: [Measure]) -> [SQLValue] { measures.map { .integer(self[$0]) } }
}

/// The sum, or the nearest number there is: amounts that pass 2^63 are nobody's, and no reason to stop.
func bounded(_ amount: Int64, plus other: Int64) -> Int64 {
    let (sum, passes) = amount.addingReportingOverflow(other)
    return passes ? (other > 0 ? .max : .min) : sum
}
