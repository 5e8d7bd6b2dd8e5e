import BudgetModel

/// Settlements as a service with many users makes them: who a user is stays the same, what is asked varies.
struct Traffic {
    let from: Int64
    let to: Int64
    /// Microcents of all events so far.
    private(set) var total: Int64 = 0
    private let users: Int
    private let step: Int64
    private var number: Int64 = 0
    private var state: UInt64 = 42

    private static let day: Int64 = 86_400_000
    private static let features: [Identifier] = ["chat", "chat", "chat", "search", "summarize", "agent", "translate"]
    private static let models: [Identifier] = ["gpt-4o-mini", "gpt-4o-mini", "gpt-4o", "claude-sonnet", "gemini-2.5-pro"]
    private static let tiers: [Identifier] = ["free", "free", "pro", "enterprise"]
    private static let plans: [Identifier] = ["none", "none", "basic", "company"]
    private static let teams: [Identifier] = ["red", "green", "blue"]
    private static let perUser = ["daily-tokens", "monthly-usd"].map { name in
        CounterKey(name: Identifier(name), identity: "abcdef", isPerUser: true, values: [])
    }
    private static let shared = CounterKey(name: "company-monthly", identity: "ghijkl", isPerUser: false, values: [])

    /// Ends at 2026-11-21T00:00:00Z.
    init(users: Int, days: Int, events: Int) {
        self.users = users
        to = 1_795_219_200_000
        from = to - Int64(days) * Self.day
        step = max((to - from) / Int64(events), 1)
    }

    mutating func next(_ count: Int) -> [LedgerEvent] { (0..<count).map { _ in next() } }

    private mutating func next() -> LedgerEvent {
        let user = random(users)
        var who = Attribution(user: Identifier("user-\(user)"))
        who.tier = Self.tiers[user % 4]
        who.plan = Self.plans[user % 4]
        who.team = Self.teams[user % 3]
        who.environment = "prod"
        // Most of a user's traffic goes one way.
        who.feature = Self.features[random(3) == 0 ? random(7) : user % 7]
        who.session = Identifier("s-\(user)-\(number / 8 % 10)")
        let reserved = from + number * step
        var event = LedgerEvent(
            id: EventID(partition: user % 64, milliseconds: reserved + 900, sequence: number), kind: .commit, settledAt: reserved + 900,
            reservedAt: reserved, attribution: who)
        settle(&event, model: Self.models[random(4) == 0 ? random(5) : user % 5])
        number += 1
        total += event.added.cost
        return event
    }

    private mutating func settle(_ event: inout LedgerEvent, model: Identifier) {
        event.reservation = "\(event.attribution.user):\(number)"
        event.model = model
        event.modelAsked = model
        event.modelGiven = model
        event.decision = .allow
        event.priceVersion = PriceVersion(bytes: 0xF00D)
        event.usage = Usage(inputTokens: Int64(500 + random(3_000)), outputTokens: Int64(random(800)))
        event.usage.cachedInputTokens = event.usage.inputTokens / 3
        let cost = event.usage.inputTokens * 250 + event.usage.outputTokens * 1_000
        event.cost = cost
        event.added = Movement(input: event.usage.inputTokens, output: event.usage.outputTokens, cost: cost, requests: 1)
        event.heldInput = event.usage.inputTokens
        event.heldOutput = 800
        event.heldCost = cost + 100_000
        event.latencyMilliseconds = 900
        event.status = "ok"
        let day = event.reservedAt / Self.day * Self.day
        let user = event.attribution.user
        event.counters = [
            CounterMovement(
                counter: Self.perUser[0], user: user, unit: .tokens, windowStart: day, amount: event.added.amount(in: .tokens)),
            CounterMovement(counter: Self.perUser[1], user: user, unit: .usd, windowStart: from, amount: cost),
            CounterMovement(counter: Self.shared, user: nil, unit: .usd, windowStart: from, amount: cost),
        ]
    }

    /// 0 ..< `bound`, the same run after run (SplitMix64).
    private mutating func random(_ bound: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((z ^ (z >> 31)) % UInt64(bound))
    }
}
