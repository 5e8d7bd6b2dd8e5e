import CommandSupport

/// What came of the calls of one verb.
struct CallFigures: Sendable {
    /// From the time the call was due to its answer: a wait in the client counts. Answers with status 200.
    var total = Latency()
    /// From the sending to the answer: the service alone.
    var service = Latency()
}

/// Everything counted in a run.
struct Figures: Sendable {
    private var calls = Verb.allCases.map { _ in CallFigures() }
    /// Requests that were due.
    var offered = 0
    /// `allow`, `reject limit` and the like.
    var decisions: [String: Int] {
        let plain = zip(Decision.allCases, unexplained).filter { $1 > 0 }.map { ($0.rawValue, $1) }
        return reasoned.merging(plain, uniquingKeysWith: +)
    }
    /// Most decisions have no reason: counting them by place spares a name and its hash for each answer.
    private var unexplained = Decision.allCases.map { _ in 0 }
    private var reasoned: [String: Int] = [:]
    /// `reserve 422 unknown_tier`, `commit timed out` and the like; 503 is not among them.
    private(set) var errors: [String: Int] = [:]
    private(set) var errorCount = 0
    /// Answers with status 503, by verb and code.
    private(set) var sheds: [String: Int] = [:]
    private(set) var shed = 0
    /// Requests of each fate that were not rejected.
    var fates: [Fate: Int] = [:]
    /// Commits the service called late.
    var lateCommits = 0
    var tokensCharged: Int64 = 0
    /// How long after its time a request was begun: the tool's own delay, or the machine's.
    var lag = Latency()

    subscript(verb: Verb) -> CallFigures {
        get { calls[verb.rawValue] }
        _modify { yield &calls[verb.rawValue] }
    }

    mutating func decided(_ decision: Decision, reason: String?) {
        guard let reason else { return unexplained[decision.place] += 1 }
        reasoned["\(decision.rawValue) \(reason)", default: 0] += 1
    }

    mutating func failed(_ verb: Verb, _ what: String) {
        errors["\(verb.name) \(what)", default: 0] += 1
        errorCount += 1
    }

    mutating func shed(_ verb: Verb, _ code: String) {
        sheds["\(verb.name) 503 \(code)", default: 0] += 1
        shed += 1
    }
}

enum Decision: String, CaseIterable, Sendable {
    case allow, degrade, reject

    /// Its place in `allCases`.
    var place: Int {
        switch self {
        case .allow: 0
        case .degrade: 1
        case .reject: 2
        }
    }
}

/// What happened to reserves in a piece of the run: a second, or a step of a ramp.
struct Window: Sendable {
    var offered = 0
    /// Decided in this piece, whenever they were due.
    var answered: Int { decided.reduce(0, +) }
    private var decided = [0, 0, 0]
    var errors = 0
    var shed = 0
    var latency = Latency()

    mutating func decided(_ decision: Decision, after nanoseconds: Int64) {
        decided[decision.place] += 1
        latency.record(nanoseconds)
    }

    mutating func reset() {
        offered = 0
        decided = [0, 0, 0]
        errors = 0
        shed = 0
        latency.reset()
    }

    /// - Parameters:
    ///   - start: seconds from the start of the run.
    ///   - seconds: how long it was.
    func row(start: Double, seconds: Double, nominal: Double?, inFlight: Int, waiting: Int) -> WindowRow {
        WindowRow(
            start: start, seconds: seconds, nominalRate: nominal, offered: offered, answered: answered,
            allow: decided[0], degrade: decided[1], reject: decided[2], errors: errors, shed: shed,
            latency: Percentiles(latency), inFlight: inFlight, waiting: waiting)
    }
}

/// A piece of the run as it is reported.
struct WindowRow: Encodable, Hashable, Sendable {
    /// Seconds from the start of the run.
    var start: Double
    var seconds: Double
    /// Requests per second, as asked for; nil where it does not apply.
    var nominalRate: Double?
    var offered: Int
    var answered: Int
    var allow, degrade, reject: Int
    var errors: Int
    var shed: Int
    var latency: Percentiles
    /// Calls under way, and calls that wait for a connection, at its end.
    var inFlight: Int
    var waiting: Int

    var offeredRate: Double { Double(offered) / seconds }
    var answeredRate: Double { Double(answered) / seconds }
}
