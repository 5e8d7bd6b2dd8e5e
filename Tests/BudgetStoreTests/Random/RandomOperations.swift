import BudgetModel
import BudgetStore
import TestSupport

/// Drives the service and the reference with the same seeded operations and holds every answer against the other.
struct RandomOperations {
    let seed: UInt64
    var random: SeededGenerator
    let store: TestStore
    var model: ReferenceModel
    private(set) var now: Int64
    var writtenPastTheService = 0
    var lastGrant: (user: Identifier, request: GrantRequest)?
    /// What a reservation is called on either side.
    private var reservations: [(handle: Int, id: String, made: Int64)] = []
    /// By the reservation's name in events; checkpoints that were booked.
    var told: [String: (handle: Int, checkpoints: Int)] = [:]
    var books = LedgerBooks()
    private var lastReserve: ReferenceRequest?
    private var lastRecord: ReferenceRecord?

    /// Names that would be one in a careless encoding; two of them are NFC and NFD of the same word.
    static let users: [Identifier] = ["{", "a:b", "caf\u{E9}", "cafe\u{301}", "u_42"]
    private static let models: [Identifier] = [
        "gpt-4o", "gpt-4o", "best", "gpt-4o-2024-11-20", "gpt-4o-mini", "nano", "free", "mystery",
    ]

    struct Difference: Error, CustomStringConvertible {
        let description: String
    }

    init(seed: UInt64) async throws {
        self.seed = seed
        random = SeededGenerator(seed: seed)
        // A day before London's clocks go forward; in the future, so that Redis' own expiry of keys stays out of it.
        now = 1_932_681_600_000 + Int64.random(in: 0..<86_400_000, using: &random)
        store = try await TestStore(RandomPolicies.base, at: now)
        model = ReferenceModel(policy: try Policy(yaml: RandomPolicies.base))
        // Redis forgets ended reservations by its own clock, which does not follow this one.
        model.settledRetention = .max / 4
        model.endedRetention = .max / 4
    }

    /// - Throws: the first ``Difference``.
    mutating func run(_ count: Int) async throws {
        for step in 0..<count {
            let (name, ours, theirs) = try await operation()
            guard ours == theirs else {
                throw Difference(
                    description: "seed \(seed), step \(step), time \(now): \(name)\n  service:   \(ours)\n  reference: \(theirs)")
            }
            if step % 25 == 24 { try await compareCounters(step) }
        }
        try await compareCounters(count)
        try compareStories()
    }

    private mutating func operation() async throws -> (String, String, String) {
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<38: return try await reserve(holding: true)
        case 38..<43: return try await reserve(holding: false)
        case 43..<62: return try await commit(final: true)
        case 62..<70: return try await commit(final: false)
        case 70..<76: return try await release()
        case 76..<80: return try await extend()
        case 80..<85: return try await record()
        case 85..<93: return try await passTime()
        case 93..<98: return try await opsDecide()
        default: return try await editPolicy()
        }
    }

    // MARK: Operations

    private mutating func reserve(holding: Bool) async throws -> (String, String, String) {
        var asked = randomRequest()
        if holding, let last = lastReserve, last.idempotencyKey != nil, random.oneIn(3) { asked = last }
        if holding { lastReserve = asked }
        let answer = await store.reserve(asked.request, holding: holding)
        let theirs = Result { () throws(ReferenceRefusal) in try model.reserve(asked, at: now, dry: !holding) }
        var isReplay = false
        if case .success(let decision) = theirs, case .success(let ours) = answer {
            isReplay = decision.replayed
            if !isReplay, let handle = decision.reservation, let id = ours.reservation {
                reservations.append((handle, id.text, now))
                told[name(of: id)] = (handle, 0)
            }
        }
        return (
            "\(holding ? "reserve" : "check") \(asked)",
            text(answer) { Canonical.text($0, replay: isReplay) }, text(theirs) { Canonical.text($0) }
        )
    }

    private mutating func commit(final: Bool) async throws -> (String, String, String) {
        guard let target = pickReservation() else { return ("nothing to commit", "", "") }
        let usage = random.oneIn(12) && final ? nil : randomUsage()
        let called = random.oneIn(6) ? random.pick(Self.models) : nil
        var request = CommitRequest(reservation: target.id)
        request.usage = usage?.usage
        request.model = called
        request.final = final
        let answer = await store.commit(request)
        let theirs = Result { () throws(ReferenceRefusal) in
            try model.commit(target.handle, usage: usage, model: called, final: final, at: now)
        }
        if !final, case .success = theirs { bookedCheckpoint(of: target.id) }
        return (
            "commit \(target.handle) \(String(describing: usage)) model=\(called?.text ?? "-") final=\(final)",
            text(answer) { Canonical.text($0) }, text(theirs) { Canonical.text($0) }
        )
    }

    private mutating func release() async throws -> (String, String, String) {
        guard let target = pickReservation() else { return ("nothing to release", "", "") }
        let answer = await store.release(target.id)
        let theirs = Result { () throws(ReferenceRefusal) in try model.release(target.handle, at: now) }
        return (
            "release \(target.handle)",
            text(answer) { Canonical.released($0.state.rawValue, $0.released.tokens, $0.released.cost, replayed: $0.replayed) },
            text(theirs) { Canonical.released($0.state, $0.released.tokens, $0.released.cost, replayed: $0.replayed) }
        )
    }

    private mutating func extend() async throws -> (String, String, String) {
        guard let target = pickReservation() else { return ("nothing to extend", "", "") }
        let timeToLive = Int64.random(in: 1...600, using: &random) * 1_000
        let answer = await store.extend(target.id, timeToLive: timeToLive)
        let theirs = Result { () throws(ReferenceRefusal) in try model.extend(target.handle, ttl: timeToLive, at: now) }
        return ("extend \(target.handle) by \(timeToLive)", text(answer) { "\($0)" }, text(theirs) { "\($0)" })
    }

    private mutating func record() async throws -> (String, String, String) {
        var booked = ReferenceRecord(caller: randomCaller(), idempotencyKey: "r\(Int.random(in: 0..<400, using: &random))")
        if random.oneIn(3) {
            booked.cost = Int64.random(in: 0...300_000, using: &random)
        } else {
            booked.model = random.pick(Self.models)
            booked.usage = randomUsage()
        }
        if let last = lastRecord, random.oneIn(4) { booked = last }
        lastRecord = booked
        let answer = await store.record(booked.request)
        let theirs = Result { () throws(ReferenceRefusal) in try model.record(booked, at: now) }
        // A repeat answers what was charged; the counters it shows are those of now on our side.
        var isReplay = false
        if case .success(let known) = theirs { isReplay = known.replayed }
        return (
            "record \(booked)",
            text(answer) {
                Canonical.recorded(
                    $0.charged.tokens, $0.charged.cost, replayed: $0.replayed, isReplay ? "" : Canonical.states($0.allowances))
            },
            text(theirs) {
                Canonical.recorded(
                    $0.charged.tokens, $0.charged.cost, replayed: $0.replayed, isReplay ? "" : Canonical.states($0.allowances))
            }
        )
    }

    private mutating func passTime() async throws -> (String, String, String) {
        let spans: [ClosedRange<Int64>] = [1...999, 1_000...30_000, 30_000...300_000, 600_000...7_200_000, 40_000_000...200_000_000]
        // Long jumps are rare, or nothing would ever be used up.
        let span = random.oneIn(5) ? random.pick(spans) : spans[Int.random(in: 0..<2, using: &random)]
        now += Int64.random(in: span, using: &random)
        try await store.set(time: now)
        try await store.sweep(Self.users)
        model.expire(at: now)
        return ("time passes", "", "")
    }

    private mutating func editPolicy() async throws -> (String, String, String) {
        let yaml = random.pick(RandomPolicies.all)
        try await store.use(yaml)
        model.policy = try Policy(yaml: yaml)
        return ("policy edit", "", "")
    }

    // MARK: What is asked

    /// Only of the last 20 hours: Redis forgets ended ones after 24, by its own clock, which stands still here.
    private mutating func pickReservation() -> (handle: Int, id: String, made: Int64)? {
        reservations.removeAll { now - $0.made > 72_000_000 }
        guard !reservations.isEmpty else { return nil }
        return random.oneIn(3) ? random.pick(reservations) : random.pick(Array(reservations.suffix(6)))
    }

    private mutating func randomCaller() -> ReferenceCaller {
        var caller = ReferenceCaller(user: random.pick(Self.users))
        if random.oneIn(2) { caller.feature = random.pick(["chat", "summarize", "}x"]) }
        if random.oneIn(3) { caller.tier = random.pick(["free", "pro"]) }
        if random.oneIn(3) { caller.team = random.pick(["search", "../"]) }
        if random.oneIn(3) { caller.environment = random.pick(["prod", "staging"]) }
        if random.oneIn(3) { caller.plan = "basic" }
        if random.oneIn(3) { caller.session = random.pick(["s1", "s2", "\u{1F600}"]) }
        return caller
    }

    private mutating func randomRequest() -> ReferenceRequest {
        var asked = ReferenceRequest(
            caller: randomCaller(), model: random.pick(Self.models), inputTokens: Int64.random(in: 0...900, using: &random))
        if !random.oneIn(6) { asked.maxOutput = Int64.random(in: 0...1_200, using: &random) }
        if random.oneIn(3) { asked.minOutput = Int64.random(in: 0...(asked.maxOutput ?? 400), using: &random) }
        if random.oneIn(5) { asked.priceClass = .batch }
        asked.ttl = Int64.random(in: 1...300, using: &random) * 1_000
        if random.oneIn(4) { asked.idempotencyKey = "k\(Int.random(in: 0..<300, using: &random))" }
        return asked
    }

    private mutating func randomUsage() -> ReferenceUsage {
        var usage = ReferenceUsage(
            input: Int64.random(in: 0...1_000, using: &random), output: Int64.random(in: 0...900, using: &random))
        if random.oneIn(3) { usage.cached = Int64.random(in: 0...usage.input, using: &random) }
        if random.oneIn(3) { usage.cacheWrite = Int64.random(in: 0...(usage.input - usage.cached), using: &random) }
        if random.oneIn(3) { usage.hourWrite = Int64.random(in: 0...usage.cacheWrite, using: &random) }
        if random.oneIn(4) { usage.audio = Int64.random(in: 0...usage.input, using: &random) }
        if random.oneIn(3) { usage.reasoning = Int64.random(in: 0...usage.output, using: &random) }
        return usage
    }

    func text<Value>(_ result: Result<Value, BudgetError>, _ show: (Value) -> String) -> String {
        switch result {
        case .success(let value): show(value)
        case .failure(let error): Canonical.text(error)
        }
    }

    func text<Value>(_ result: Result<Value, ReferenceRefusal>, _ show: (Value) -> String) -> String {
        switch result {
        case .success(let value): show(value)
        case .failure(let error): error.rawValue
        }
    }

    // MARK: The final state

    /// Every counter in Redis against every counter of the reference: I1, and that nothing else was touched.
    private mutating func compareCounters(_ step: Int) async throws {
        let ours = try await StoredCounters.read(store, users: Self.users, at: now)
        var theirs: [String: String] = [:]
        for (key, counter) in model.counters(at: now) where counter.used != 0 || counter.held != 0 {
            theirs[StoredCounters.name(key)] = "\(counter.used)+\(counter.held)"
        }
        try await books.read(store)
        let wrong = try await books.differences(store, users: Self.users)
        guard ours != theirs || !wrong.isEmpty || books.unreadable > 0 else { return }
        if ours == theirs {
            let lines = ["seed \(seed), step \(step), time \(now): events (\(books.unreadable) unreadable) and counters differ"]
            throw Difference(description: (lines + wrong).joined(separator: "\n"))
        }
        let names = Set(ours.keys).union(theirs.keys).sorted().filter { ours[$0] != theirs[$0] }
        let lines = names.map { "  \($0): service \(ours[$0] ?? "-"), reference \(theirs[$0] ?? "-")" }
        throw Difference(description: "seed \(seed), step \(step), time \(now): counters differ\n" + lines.joined(separator: "\n"))
    }
}

extension ReferenceRequest {
    var request: ReserveRequest {
        var request = ReserveRequest(user: caller.user, model: model, inputTokens: inputTokens)
        request.attribution = caller.attribution
        request.maximumOutput = maxOutput
        request.minimumOutput = minOutput
        request.priceClass = priceClass
        request.timeToLive = ttl
        request.idempotencyKey = idempotencyKey
        return request
    }
}

extension ReferenceRecord {
    var request: RecordRequest {
        var what = RecordRequest.What.cost(cost ?? 0, component: "gpu")
        if let usage, let model { what = .tokens(usage.usage, model: model) }
        var request = RecordRequest(attribution: caller.attribution, what: what, idempotencyKey: idempotencyKey)
        request.priceClass = priceClass
        return request
    }
}

extension ReferenceUsage {
    var usage: Usage {
        var usage = Usage(inputTokens: input, outputTokens: output)
        usage.cachedInputTokens = cached
        usage.cacheWriteInputTokens = cacheWrite
        usage.cacheWriteHourInputTokens = hourWrite
        usage.audioInputTokens = audio
        usage.reasoningTokens = reasoning
        return usage
    }
}

extension ReferenceCaller {
    var attribution: Attribution {
        var attribution = Attribution(user: user)
        attribution.feature = feature
        attribution.tier = tier
        attribution.team = team
        attribution.environment = environment
        attribution.plan = plan
        attribution.session = session
        return attribution
    }
}
