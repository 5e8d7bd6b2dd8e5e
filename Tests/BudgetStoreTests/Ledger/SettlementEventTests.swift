import BudgetModel
import BudgetStore
import TestSupport
import Testing

/// Every settlement is one event, and tells who, what, why and where.
@Suite struct SettlementEventTests {
    private let noon = OpsExample.noon

    @Test func aCommitTellsEverything() async throws {
        let store = try await TestStore(LedgerExample.policy, at: noon)
        var request = LedgerExample.request
        request.idempotencyKey = "k"
        let held = try await store.reserve(request).get()
        try await store.set(time: noon + 5_000)
        var commit = CommitRequest(reservation: held.reservation?.text ?? "")
        var usage = Usage(inputTokens: 90, outputTokens: 40)
        (usage.cachedInputTokens, usage.audioInputTokens, usage.reasoningTokens) = (30, 20, 10)
        commit.usage = usage
        (commit.latencyMilliseconds, commit.status, commit.unknownUsage) = (812, "ok", #"{"service_tier":"x"}"#)
        commit.traceID = TraceID(high: 3, low: 4)
        _ = try await store.commit(commit).get()

        let events = try await store.events()
        let event = try #require(events.first)
        #expect(events.count == 1)
        var expected = LedgerEvent(
            id: event.id, kind: .commit, settledAt: noon + 5_000, reservedAt: noon, attribution: request.attribution)
        expected.attribution.tier = "free"
        expected.reservation = "caf%C3%A9:=k"
        (expected.modelAsked, expected.modelGiven, expected.model) = ("best", "best", "large")
        expected.decision = .allow
        expected.priceClass = .batch
        expected.priceVersion = held.reservation?.priceVersion
        (expected.maximumOutputAsked, expected.maximumOutputGranted) = (50, 50)
        (expected.heldInput, expected.heldOutput, expected.heldCost) = (100, 50, held.held?.cost)
        expected.usage = usage
        (expected.cost, expected.added) = (23_500, Movement(input: 90, output: 40, cost: 23_500, requests: 1))
        (expected.latencyMilliseconds, expected.status, expected.unknownUsage) = (812, "ok", #"{"service_tier":"x"}"#)
        (expected.labels, expected.promptHash) = (["release": "2026.11", "a": ""], "9f2c")
        expected.traceID = "00000000000000030000000000000004"
        expected.counters = event.counters
        #expect(event == expected)
        let moved = event.counters.map { "\($0.counter.name) \($0.user?.text ?? "-") \($0.unit) \($0.windowStart) \($0.amount)" }
        #expect(
            moved == [
                "company - usd \(noon - 43_200_000) 23500", "daily café tokens \(noon - 43_200_000) 130",
                "five-hour café requests \(noon) 1",
            ])
    }

    @Test func aDegradedModelAndItsReasonAreTold() async throws {
        let store = try await TestStore(LedgerExample.policy, at: noon)
        var request = LedgerExample.request
        request.inputTokens = 900
        let held = try await store.reserve(request).get()
        _ = try await store.commit(OpsExample.commit(held.reservation, input: 900)).get()
        let event = try #require(try await store.events().first)
        #expect(event.decision == .degrade && event.reason == .softLimit)
        #expect((event.modelAsked, event.modelGiven, event.model) == ("best", "small", "small"))
    }

    @Test func anotherModelThanHeldIsTheOneCharged() async throws {
        let store = try await TestStore(LedgerExample.policy, at: noon)
        for called: Identifier in ["small", "nobody-knows"] {
            let held = try await store.reserve(LedgerExample.request).get()
            var commit = OpsExample.commit(held.reservation, input: 10)
            commit.model = called
            _ = try await store.commit(commit).get()
        }
        let events = try await store.events()
        #expect(events.map(\.model) == ["small", "large"])
        #expect(events.map(\.flags) == [[], .unpriced])
    }

    @Test func checkpointsAddUpAndLaterEventsKnowTheirParts() async throws {
        let store = try await TestStore(LedgerExample.policy, at: noon)
        let held = try await store.reserve(LedgerExample.request).get()
        for (output, cached) in [(20, 5), (10, 2)] as [(Int64, Int64)] {
            var commit = OpsExample.commit(held.reservation, input: 90, output: output, final: false)
            commit.usage?.cachedInputTokens = cached
            _ = try await store.commit(commit).get()
        }
        _ = try await store.release(held.reservation?.text ?? "").get()
        let events = try await store.events()
        #expect(events.map(\.kind) == [.checkpoint, .checkpoint, .release])
        #expect(events.map(\.added.input) == [90, 0, 0] && events.map(\.added.output) == [20, -10, 0])
        #expect(events.map(\.added.requests) == [1, 0, 0])
        #expect(events.map(\.usage.outputTokens) == [20, 10, 10] && events.map(\.usage.cachedInputTokens) == [5, 2, 2])
        #expect(events.map { $0.counters.map(\.amount) }.last == [], "a release moves nothing that is used")
        #expect(Set(events.map(\.reservation)).count == 1)
    }

    @Test func expiryIsToldBySweepAndByRelease() async throws {
        let store = try await TestStore(LedgerExample.policy, at: noon)
        let swept = try await store.reserve(LedgerExample.request).get()
        try await store.set(time: noon + 200_000)
        try await store.sweep("café")
        let found = try await store.reserve(LedgerExample.request).get()
        try await store.set(time: noon + 400_000)
        _ = try await store.release(found.reservation?.text ?? "").get()
        var events = try await store.events()
        #expect(events.map(\.kind) == [.expiry, .expiry])
        #expect(events.map(\.settledAt) == [noon + 200_000, noon + 400_000])
        #expect(events.allSatisfy { $0.added == Movement() && $0.heldInput == 100 && $0.counters.isEmpty })

        _ = try await store.commit(OpsExample.commit(swept.reservation, input: 10)).get()
        events = try await store.events()
        #expect(events.count == 3 && events[2].kind == .commit && events[2].flags.contains(.late))
        #expect(events[2].reservation == events[0].reservation)
    }

    @Test(arguments: [true, false]) func theFirstToMeetAHoldWhoseTimeIsOverTellsThatItLapsed(final: Bool) async throws {
        let store = try await TestStore(LedgerExample.policy, at: noon)
        let held = try await store.reserve(LedgerExample.request).get()
        try await store.set(time: noon + 200_000)
        var commit = OpsExample.commit(held.reservation, input: 10)
        commit.final = final
        _ = try await store.commit(commit).get()
        try await store.sweep("café")
        if !final { _ = try await store.commit(OpsExample.commit(held.reservation, input: 10)).get() }
        let events = try await store.events()
        #expect(events.map(\.kind) == (final ? [.commit] : [.checkpoint, .commit]), "no expiry comes any more")
        #expect(events.map { $0.flags.contains(.lapsed) } == (final ? [true] : [true, false]))
        #expect(events.allSatisfy { $0.flags.contains(.late) })
    }

    @Test(arguments: [true, false]) func whatIsBookedAfterItsWindowMovesNoCounterOfNow(usual: Bool) async throws {
        let store = try await TestStore(LedgerExample.policy, at: OpsExample.midnight - 1_000)
        var request = LedgerExample.request
        if usual { request.attribution.session = nil }
        let held = try await store.reserve(request).get()
        try await store.set(time: OpsExample.midnight + 1_000)
        _ = try await store.reserve(request).get()
        _ = try await store.commit(OpsExample.commit(held.reservation, input: 10)).get()
        let event = try #require(try await store.events().first)
        #expect(event.added.input == 10 && event.reservedAt == OpsExample.midnight - 1_000)
        #expect(event.counters.map(\.counter.name) == (usual ? [] : ["five-hour"]))
    }

    @Test func recordsOfModelsAndOfComponents() async throws {
        let store = try await TestStore(LedgerExample.policy, at: noon)
        var attribution = Attribution(user: "u")
        (attribution.feature, attribution.session) = ("chat", "s")
        var tokens = RecordRequest(
            attribution: attribution, what: .tokens(Usage(inputTokens: 7, outputTokens: 3), model: "best"), idempotencyKey: "r")
        (tokens.labels, tokens.promptHash, tokens.traceID) = (["a": "b"], "h", TraceID(high: 0, low: 1))
        let gpu = RecordRequest(attribution: attribution, what: .cost(500, component: "gpu"), idempotencyKey: "g")
        for request in [tokens, gpu, tokens] { _ = try await store.record(request).get() }
        let events = try await store.events()
        #expect(events.map(\.kind) == [.record, .record] && events.map(\.reservation) == ["u:=r", "u:=g"])
        #expect(events.map(\.modelAsked) == ["best", nil] && events.map(\.model) == ["large", nil])
        #expect(events.map(\.component) == [nil, "gpu"] && events.map(\.added.requests) == [1, 0])
        #expect(events.map(\.added.cost) == [4_000, 500] && events.map(\.cost) == [4_000, 500])
        #expect(events.allSatisfy { $0.decision == nil && $0.attribution.session == "s" && $0.attribution.tier == "free" })
        #expect((events[0].labels, events[0].promptHash, events[0].traceID?.last) == (["a": "b"], "h", "1"))
        #expect(events[1].counters.map(\.amount) == [500])
    }
}

/// What the ledger's tests start from.
enum LedgerExample {
    static let policy = """
        default_tier: free
        aliases: {best: large}
        allowances:
          - {name: company, unit: usd, limit: 100, window: day, per: []}
        tiers:
          free:
            allowances:
              - {name: daily, unit: tokens, limit: 2000, window: day, soft_limit: 40%}
              - {name: five-hour, unit: requests, limit: 100, window: {rolling: 5h}, per: [user, session]}
            degrade_to: [small]
        prices:
          large: {input: 1, cached_input: 0.5, output: 11, batch: {input: 1, cached_input: 0.5, output: 4}, max_output_tokens: 100}
          small: {input: 0.1, output: 0.1, max_output_tokens: 100}
        """

    /// 100 tokens in, 50 out at most, with all that can be said of it.
    static var request: ReserveRequest {
        var request = ReserveRequest(user: "café", model: "best", inputTokens: 100)
        request.attribution.feature = "chat"
        request.attribution.team = "search"
        request.attribution.environment = "prod"
        request.attribution.plan = "basic"
        request.attribution.session = "s_9"
        request.maximumOutput = 50
        request.priceClass = .batch
        request.labels = ["release": "2026.11", "a": ""]
        request.promptHash = "9f2c"
        request.traceID = TraceID(high: 1, low: 2)
        return request
    }
}
