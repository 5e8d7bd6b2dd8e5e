import CommandSupport

/// What to send, where and for how long; checked.
struct LoadSettings: Sendable {
    var target: Target
    var key: String?
    var shape: LoadShape
    /// Stretches of one rate: one, or the steps of a ramp.
    var stretches: [Stretch]
    /// Of a ramp, the p99 above which the service counts as saturated, nanoseconds.
    var rampP99: Int64?
    var maxRequests: Int
    var connections: Int
    var seed: UInt64
    var traffic: Traffic
    var objectives: [Objective]

    /// Nanoseconds from the start in which requests begin.
    var length: Int64 { stretches.last?.end ?? 0 }
}

/// What decides when a request begins.
enum LoadShape: Hashable, Sendable {
    case open(Arrivals)
    /// The rows' own times.
    case trace
    /// So many in turns, each after the one before: slow answers slow the load down, so its latencies look better than they are.
    case closed(Int)

    var isClosed: Bool { if case .closed = self { true } else { false } }

    var text: String {
        switch self {
        case .open(.poisson): "Poisson arrivals"
        case .open(.constant): "constant arrivals"
        case .open(.burst(let size)): "bursts of \(size)"
        case .trace: "arrivals of a trace"
        case .closed(let count): "CLOSED loop of \(count): coordinated omission is not corrected"
        }
    }
}

/// Who asks for what, and how a request's life goes.
struct Traffic: Sendable {
    var users: Int
    var zipf: Double
    var userPrefix: String
    /// nil: requests name none.
    var features: Mix?
    /// A user has one tier for the whole run; nil: requests name none.
    var tiers: Mix?
    var models: Mix
    var inputTokens: TokenSpread
    var outputTokens: TokenSpread
    /// The longest answer asked for.
    var maxOutputTokens: Int64
    /// Mean time between a reserve's answer and what settles it, seconds.
    var think: Double
    /// Shares of the requests, 0 to 1; the rest is committed in time.
    var released: Double
    var lost: Double
    var late: Double
    /// Seconds.
    var timeToLive: Int64
    /// Replaces drawn tokens, row by row, and again from the first after the last.
    var rows: [TraceRow] = []

    func user(_ number: Int) -> String { userPrefix + String(number) }

    /// Whether the run waits until the holds of lost requests have ended.
    var awaitsExpiry: Bool { timeToLive <= LoadLimits.awaitedTimeToLive }
}
