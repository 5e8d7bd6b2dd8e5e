/// What the service has acknowledged, per user: the other side of its ledger.
struct Books: Sendable {
    struct User: Hashable, Sendable {
        var requests = 0
        /// Tokens of all commits, each once.
        var charged: Int64 = 0
        /// A call whose effect nobody knows: this user's counters cannot be judged.
        var isUnknown = false
    }

    /// A hold that nobody will settle.
    struct OpenHold: Hashable, Sendable {
        var tokens: Int64
        /// It ends between these, nanoseconds of the event loop's clock.
        var ends: ClosedRange<Int64>
    }

    private(set) var users: [User]
    private var open: [Int: [OpenHold]] = [:]

    init(users: Int) { self.users = Array(repeating: User(), count: users) }

    mutating func decided(_ request: LoadRequest) { users[request.user].requests += 1 }

    mutating func charge(_ request: LoadRequest, _ tokens: Int64) { users[request.user].charged += tokens }

    /// The request's hold stays until it ends by itself.
    mutating func leave(_ request: LoadRequest) {
        open[request.user, default: []].append(OpenHold(tokens: request.held, ends: request.ends))
    }

    mutating func loseTrack(_ request: LoadRequest) { users[request.user].isUnknown = true }

    /// When the last open hold has ended for certain; nil without any.
    var lastEnd: Int64? {
        open.values.joined().map(\.ends.upperBound).max().map { $0 + LoadLimits.sweep }
    }

    /// Tokens held by holds that were left open; nil while one of them may or may not have ended.
    func held(by user: Int, at now: Int64) -> Int64? {
        var held: Int64 = 0
        for hold in open[user] ?? [] where now <= hold.ends.upperBound + LoadLimits.sweep {
            // Reading takes a moment too.
            guard now < hold.ends.lowerBound - LoadLimits.sweep else { return nil }
            held += hold.tokens
        }
        return held
    }

    /// Users that were decided about, the busiest first.
    func busiest(_ most: Int) -> [Int] {
        users.indices.filter { users[$0].requests > 0 || users[$0].isUnknown }
            .sorted { (users[$1].requests, $0) < (users[$0].requests, $1) }.prefix(most).map { $0 }
    }
}
