import BudgetMetrics
import BudgetModel
@testable import BudgetStore
import TestSupport
import Testing

/// What the store counts for metrics.
@Suite struct TallyTests {
    private static let policy = """
        default_tier: free
        features: {chat: {}}
        tiers:
          free:
            allowances:
              - {name: daily, unit: tokens, limit: 1000, window: day, per: [user]}
              - {name: ocr-daily, unit: tokens, limit: 1000, window: day, per: [user], match: {feature: ocr}}
        prices:
          m: {input: 1, output: 2, max_output_tokens: 4096}
        """

    private static func request(_ user: String = "u", feature: String? = nil, input: Int64 = 100, output: Int64 = 100) -> ReserveRequest
    {
        var request = ReserveRequest(user: Identifier(user), model: "m", inputTokens: input)
        request.maximumOutput = output
        if let feature { request.attribution.feature = Identifier(feature) }
        return request
    }

    private static func commit(_ id: String, _ input: Int64, _ output: Int64, final: Bool = true) -> CommitRequest {
        var request = CommitRequest(reservation: id)
        request.usage = Usage(inputTokens: input, outputTokens: output)
        request.final = final
        return request
    }

    private static func held(_ store: TestStore, _ request: ReserveRequest) async throws -> String {
        let decision = try await store.reserve(request).get()
        return try #require(decision.reservation?.text)
    }

    /// `decision feature reason` and how often.
    private static func decisions(_ store: TestStore) async throws -> [String: Int64] {
        let decisions = try await store.stores.figures().decisions
        return Dictionary(
            uniqueKeysWithValues: decisions.map { series, count in
                ("\(series.tier) \(series.feature) \(series.kind) \(series.reason.map { "\($0)" } ?? "-")", count)
            })
    }

    @Test func decisionsAreCountedByTierFeatureAndReason() async throws {
        let store = try await TestStore(Self.policy, at: TestStore.noon)
        for user in ["a", "b", "a"] { _ = try await store.reserve(Self.request(user, feature: "chat")).get() }
        _ = try await store.reserve(Self.request("a", feature: "ocr")).get()
        _ = try await store.reserve(Self.request("a", feature: "ocr", output: 500)).get()
        _ = try await store.reserve(Self.request("a", feature: "ocr", output: 3_000)).get()
        _ = try await store.reserve(Self.request("a")).get()
        #expect(
            try await Self.decisions(store) == [
                "free chat allow -": 3, "free ocr allow -": 1, "free ocr reject limit": 1, "free ocr reject tooLarge": 1,
                "free default allow -": 1,
            ])
    }

    @Test func aFeatureThatPolicyDoesNotNameIsCountedAsOther() async throws {
        let store = try await TestStore(Self.policy, at: TestStore.noon)
        for feature in 0..<50 { _ = try await store.reserve(Self.request("u\(feature)", feature: "f\(feature)")).get() }
        #expect(try await Self.decisions(store) == ["free other allow -": 50])
    }

    @Test func aPolicyWithVeryManyTiersIsCountedInBoundedSeries() async throws {
        let tiers = (0..<10).map { "  t\($0): {allowances: [{name: daily, unit: tokens, limit: 1000, window: day, per: [user]}]}" }
        let store = try await TestStore(
            "default_tier: t0\ntiers:\n" + tiers.joined(separator: "\n"), at: TestStore.noon, decisionSeries: 4)
        for round in 0..<3 {
            for tier in 0..<10 {
                var request = Self.request("u\(round)-\(tier)")
                request.attribution.tier = Identifier("t\(tier)")
                _ = try await store.reserve(request).get()
            }
        }
        #expect(
            try await Self.decisions(store) == [
                "t0 default allow -": 3, "t1 default allow -": 3, "t2 default allow -": 3, "t3 default allow -": 3,
                "other other allow -": 18,
            ])
    }

    @Test func countsOutliveAChangeOfPolicy() async throws {
        let store = try await TestStore(Self.policy, at: TestStore.noon)
        _ = try await store.reserve(Self.request(feature: "chat")).get()
        try await store.use(Self.policy.replacing("1000", with: "2000"))
        _ = try await store.reserve(Self.request(feature: "chat")).get()
        #expect(try await Self.decisions(store) == ["free chat allow -": 2])
    }

    @Test func aCheckIsNoDecisionAndARepeatIsCountedApart() async throws {
        let store = try await TestStore(Self.policy, at: TestStore.noon)
        _ = try await store.reserve(Self.request(), holding: false).get()
        var request = Self.request()
        request.idempotencyKey = "k"
        for _ in 0..<3 { _ = try await store.reserve(request).get() }
        #expect(try await Self.decisions(store) == ["free default allow -": 1])
        #expect(try await store.stores.figures().tally.replays[StoreTally.Verb.reserve.rawValue] == 2)
    }

    @Test func committedTokensAndMoneyAreCountedOnce() async throws {
        let store = try await TestStore(Self.policy, at: TestStore.noon)
        let id = try await Self.held(store, Self.request())
        for _ in 0..<2 { _ = try await store.commit(Self.commit(id, 100, 150)).get() }
        let tally = try await store.stores.figures().tally
        #expect((tally.inputCommitted, tally.outputCommitted) == (100, 150))
        // 100 at 1 and 150 at 2 dollars per million tokens: 0.0004 dollars.
        #expect(tally.charged == 40_000)
        #expect((tally.overHoldCommits, tally.overcommitTokens, tally.lateCommits) == (1, 50, 0))
        #expect(tally.replays[StoreTally.Verb.commit.rawValue] == 1)
    }

    @Test func checkpointsAddUpToTheFinalCommit() async throws {
        let store = try await TestStore(Self.policy, at: TestStore.noon)
        let id = try await Self.held(store, Self.request())
        for output: Int64 in [40, 90, 60] { _ = try await store.commit(Self.commit(id, 100, output, final: false)).get() }
        var tally = try await store.stores.figures().tally
        #expect((tally.inputCommitted, tally.outputCommitted) == (100, 60))
        _ = try await store.commit(Self.commit(id, 100, 80)).get()
        tally = try await store.stores.figures().tally
        #expect((tally.inputCommitted, tally.outputCommitted, tally.charged) == (100, 80, 26_000))
    }

    @Test func aCommitAfterAReleasedCheckpointCountsTheDifference() async throws {
        let store = try await TestStore(Self.policy, at: TestStore.noon)
        let id = try await Self.held(store, Self.request())
        _ = try await store.commit(Self.commit(id, 100, 40, final: false)).get()
        for _ in 0..<2 { _ = try await store.release(id).get() }
        _ = try await store.commit(Self.commit(id, 100, 70)).get()
        let tally = try await store.stores.figures().tally
        #expect((tally.inputCommitted, tally.outputCommitted, tally.lateCommits, tally.holdsExpired) == (100, 70, 1, 0))
        #expect(tally.replays[StoreTally.Verb.release.rawValue] == 1)
    }

    @Test func expiredHoldsAreCountedByTheSweepAndTheirCommitsAreLate() async throws {
        let store = try await TestStore(Self.policy, at: TestStore.noon)
        let ids = [try await Self.held(store, Self.request()), try await Self.held(store, Self.request())]
        try await store.set(time: TestStore.noon + 121_000)
        try await store.sweep("u")
        try await store.sweep("u")
        _ = try await store.commit(Self.commit(ids[0], 100, 10)).get()
        let tally = try await store.stores.figures().tally
        #expect((tally.holdsExpired, tally.lateCommits) == (2, 1))
    }

    @Test func anExpiryThatAReleaseFindsIsCountedOnce() async throws {
        let store = try await TestStore(Self.policy, at: TestStore.noon)
        let id = try await Self.held(store, Self.request())
        try await store.set(time: TestStore.noon + 121_000)
        for _ in 0..<2 { _ = try await store.release(id).get() }
        try await store.sweep("u")
        let tally = try await store.stores.figures().tally
        #expect(tally.holdsExpired == 1)
        #expect(tally.replays[StoreTally.Verb.release.rawValue] == 0)
    }

    @Test func recordsBypassAndUnpricedUsageIsSaid() async throws {
        let store = try await TestStore(Self.policy, at: TestStore.noon)
        for (key, model) in [("1", "m"), ("1", "m"), ("2", "unheard-of")] {
            let usage = Usage(inputTokens: 5, outputTokens: 7)
            _ = try await store.record(
                RecordRequest(
                    attribution: Attribution(user: "u"), what: .tokens(usage, model: Identifier(model)), idempotencyKey: key)
            ).get()
        }
        let tally = try await store.stores.figures().tally
        #expect((tally.bypasses, tally.unpriced, tally.outputCommitted) == (2, 1, 14))
        #expect(tally.replays[StoreTally.Verb.record.rawValue] == 1)
    }

    @Test func sumsOfWhatCallersSendStandStillWhereIntegersEnd() async throws {
        let store = try await TestStore(Self.policy, at: TestStore.noon)
        let nearlyFull = Int64.max - 10
        try await store.stores.onEach { store in
            (store.tally.inputCommitted, store.tally.outputCommitted, store.tally.charged) = (nearlyFull, nearlyFull, nearlyFull)
        }
        let usage = Usage(inputTokens: 6_000, outputTokens: 6_000)
        _ = try await store.record(
            RecordRequest(attribution: Attribution(user: "u"), what: .tokens(usage, model: "m"), idempotencyKey: "k")
        ).get()
        let tally = try await store.stores.figures().tally
        #expect((tally.inputCommitted, tally.outputCommitted, tally.charged) == (.max, .max, .max))
    }

    @Test func loopsThatTogetherPassIntegersSaturate() {
        var some = StoreTally()
        (some.inputCommitted, some.outputCommitted, some.charged, some.overcommitTokens) = (.max, .min, .max - 1, .max)
        some.add(some)
        #expect((some.inputCommitted, some.outputCommitted, some.charged, some.overcommitTokens) == (.max, .min, .max, .max))
    }

    @Test func anAbortedCallIsCountedAsEstimated() async throws {
        let store = try await TestStore(Self.policy, at: TestStore.noon)
        let id = try await Self.held(store, Self.request())
        _ = try await store.commit(CommitRequest(reservation: id)).get()
        let tally = try await store.stores.figures().tally
        #expect((tally.estimated, tally.inputCommitted, tally.outputCommitted) == (1, 100, 0))
    }

    @Test func plansMadeAgainAreCounted() async throws {
        let store = try await TestStore(Self.policy, at: TestStore.noon)
        _ = try await store.reserve(Self.request()).get()
        let before = try await store.stores.figures().tally.staleReplans
        var frozen = Assignment()
        (frozen.revision, frozen.frozen) = ("1", true)
        try await store.assign(frozen, to: "u")
        _ = try await store.reserve(Self.request()).get()
        #expect(try await store.stores.figures().tally.staleReplans == before + 1)
    }

    @Test func answersSomebodyWaitsForAreTimedAndSweepsAreNot() async throws {
        let store = try await TestStore(Self.policy, at: TestStore.noon)
        let before = try await store.stores.figures().durations
        for _ in 0..<5 { try await store.redis("PING") }
        try await store.sweep("u")
        _ = try await store.stores.ask { $0.openHolds($1) }
        let after = try await store.stores.figures().durations
        #expect(after.counts.reduce(0, +) == before.counts.reduce(0, +) + 5)
        #expect(after.sum > before.sum)
    }

    @Test func openHoldsAreThoseOfTheStore() async throws {
        let store = try await TestStore(Self.policy, at: TestStore.noon)
        var ids: [String] = []
        for user in 0..<20 { ids.append(try await Self.held(store, Self.request("u\(user)"))) }
        _ = try await store.release(ids[3]).get()
        let other = try await TestStore(Self.policy, at: TestStore.noon, database: store.database)
        #expect(try await other.stores.ask { $0.openHolds($1) } == 19)
    }

    @Test func aRedisThatMayNotBeAskedForItsStateGoesOnDeciding() async throws {
        let server = try DedicatedRedis()
        defer { server.stop() }
        let admin = try await TestStore(Self.policy, address: server.address)
        try await admin.redis("ACL", "SETUSER", "svc", "on", ">pw", "~*", "+@all", "-info", "-zcard")
        var address = server.address
        (address.user, address.password) = ("svc", "pw")
        let store = try await TestStore(Self.policy, address: address)
        await #expect(throws: BudgetError.self) { try await store.stores.ask { $0.openHolds($1) } }
        await #expect(throws: BudgetError.self) { try await store.stores.ask { $0.status($1) } as StoreStatus }
        #expect(try await store.stores.obstacle() == nil)
        #expect(try await store.reserve(Self.request()).get().kind == .allow)
    }

    @Test func redisSaysWhatItIs() async throws {
        let store = try await TestStore(Self.policy, at: TestStore.noon)
        let status: StoreStatus = try await store.stores.ask { $0.status($1) }
        #expect(status.version?.wholeMatch(of: /\d+\.\d+\.\d+.*/) != nil)
        #expect((status.memory ?? 0) > 100_000)
    }

    @Test func anUnlimitedRedisHasNoLimitToShow() {
        let status = StoreStatus(info: "# Server\r\nredis_version:7.2.4\r\nused_memory:1024\r\nmaxmemory:0\r\nodd\r\n")
        #expect((status.version, status.memory, status.memoryLimit) == ("7.2.4", 1_024, nil))
        #expect(StoreStatus(info: "maxmemory:2048\r\n").memoryLimit == 2_048)
        #expect(StoreStatus(info: "") == StoreStatus(info: "nothing of this"))
    }
}
