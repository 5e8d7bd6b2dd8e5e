import CommandSupport

/// How a request ends if it is not rejected.
enum Fate: Hashable, Sendable {
    case commit, release
    /// Never settled: its hold must end by itself.
    case lost
    /// Committed after its hold has ended.
    case late
}

/// One request of a user with its whole life, of which every HTTP exchange is a call.
final class LoadRequest {
    let user: Int
    /// Indexes of the mixes; 0 where there is none.
    let tier: Int
    let feature: Int
    let model: Int
    let inputTokens: Int64
    let maxOutputTokens: Int64
    /// What the model would answer if it may.
    let outputTokens: Int64
    let fate: Fate
    /// Nanoseconds.
    let think: Int64

    /// What the reserve's answer said: the id, the longest answer granted and the tokens held.
    var id: [UInt8] = []
    var granted: Int64 = 0
    var held: Int64 = 0
    /// The hold ends between these, nanoseconds of the clock of the event loop.
    var ends: ClosedRange<Int64> = 0...0

    init(_ maker: inout RequestMaker) {
        var random = maker.random
        user = maker.zipf.rank(&random)
        tier = maker.tier(of: user)
        feature = maker.traffic.features?.pick(random.unit()) ?? 0
        model = maker.traffic.models.pick(random.unit())
        if let row = maker.nextRow() {
            inputTokens = row.inputTokens
            outputTokens = row.outputTokens
            maxOutputTokens = max(row.outputTokens, 1)
        } else {
            inputTokens = maker.traffic.inputTokens.draw(&random)
            outputTokens = maker.traffic.outputTokens.draw(&random)
            maxOutputTokens = maker.traffic.maxOutputTokens
        }
        fate = maker.fate(random.unit())
        let drawn = random.exponential(mean: maker.traffic.think)
        think = Int64(min(drawn, LoadLimits.thinkMultiple * maker.traffic.think) * 1e9)
        maker.random = random
    }

    var settles: Verb { fate == .release ? .release : .commit }
    /// A model stops at what it was granted.
    var usedOutput: Int64 { min(outputTokens, granted) }
}

@available(*, unavailable)
extension LoadRequest: Sendable {}

/// Draws requests.
struct RequestMaker: Sendable {
    let traffic: Traffic
    let zipf: Zipf
    fileprivate(set) var random: Random
    private let seed: UInt64
    private var row = 0

    init(_ settings: LoadSettings) {
        traffic = settings.traffic
        // Not the seed of the arrivals: who asks must not depend on when.
        seed = settings.seed &+ 1
        zipf = Zipf(count: traffic.users, exponent: traffic.zipf)
        random = Random(seed: seed)
    }

    /// The same in every request of a user: people do not change their plan between two questions.
    func tier(of user: Int) -> Int {
        guard let tiers = traffic.tiers else { return 0 }
        var random = Random(seed: seed ^ UInt64(user) &* 0xA24B_AED4_963E_E407)
        return tiers.pick(random.unit())
    }

    /// - Parameter point: at least 0, below 1.
    func fate(_ point: Double) -> Fate {
        if point < traffic.released { return .release }
        if point < traffic.released + traffic.lost { return .lost }
        return point < traffic.released + traffic.lost + traffic.late ? .late : .commit
    }

    fileprivate mutating func nextRow() -> TraceRow? {
        guard !traffic.rows.isEmpty else { return nil }
        defer { row += 1 }
        return traffic.rows[row % traffic.rows.count]
    }
}

/// The calls a request is made of.
enum Verb: Int, CaseIterable, Sendable {
    case reserve, commit, release

    var name: String {
        switch self {
        case .reserve: "reserve"
        case .commit: "commit"
        case .release: "release"
        }
    }
}
