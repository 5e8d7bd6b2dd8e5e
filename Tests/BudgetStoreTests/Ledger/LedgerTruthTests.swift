import BudgetModel
import BudgetStore
import TestSupport
import Testing

/// Nothing is booked without its event, and no event tells what was not booked.
@Suite struct LedgerTruthTests {
    private let noon = OpsExample.noon

    @Test func repeatsAndRefusalsTellNothing() async throws {
        let store = try await TestStore(OpsExample.policy, at: noon)
        let held = try await store.reserve(OpsExample.request()).get().reservation
        let commit = OpsExample.commit(held, input: 50)
        for _ in 0..<3 { _ = try await store.commit(commit).get() }
        await #expect(throws: BudgetError.alreadyCommitted) { try await store.commit(OpsExample.commit(held, input: 51)).get() }
        await #expect(throws: BudgetError.alreadyCommitted) { try await store.release(held?.text ?? "").get() }
        let released = try await store.reserve(OpsExample.request()).get().reservation?.text ?? ""
        for _ in 0..<2 { _ = try await store.release(released).get() }
        #expect(try await store.events().map(\.kind) == [.commit, .release])
    }

    @Test(arguments: [true, false]) func aSumTooLargeIsNeitherBookedNorTold(final: Bool) async throws {
        let store = try await TestStore(
            "{default_tier: t, tiers: {t: {allowances: [{name: a, unit: tokens, limit: 9, window: day}]}}}", at: noon)
        var record = RecordRequest(
            attribution: Attribution(user: "u"), what: .tokens(Usage(inputTokens: 0, outputTokens: 0), model: "m"), idempotencyKey: "r")
        var request = OpsExample.request(1)
        request.attribution.feature = "default"
        let held = try await store.reserve(request).get().reservation
        record.what = .tokens(Usage(inputTokens: Amount.maximum - 5, outputTokens: 0), model: "m")
        _ = try await store.record(record).get()
        await #expect(throws: BudgetError.amountTooLarge) {
            try await store.commit(OpsExample.commit(held, input: 10, final: final)).get()
        }
        #expect(try await store.events().map(\.kind) == [.record])
    }

    @Test(arguments: [true, false]) func aForeignStreamStopsASettlementBeforeItsFirstWrite(final: Bool) async throws {
        let store = try await TestStore(OpsExample.policy, at: noon)
        let held = try await store.reserve(OpsExample.request()).get().reservation
        let stream = Keys.stream(partition: Keys.partition(of: "u"))
        try await store.redis([Array("SET".utf8), stream, Array("x".utf8)])
        guard case .failure(.store(.corrupt)) = await store.commit(OpsExample.commit(held, input: 50, final: final)) else {
            Issue.record("a foreign stream was not noticed")
            return
        }
        #expect(try await store.state("daily", of: "u")?.used == 0)
        try await store.redis([Array("DEL".utf8), stream])
        #expect(try await store.commit(OpsExample.commit(held, input: 50)).get().replayed == false)
        #expect(try await store.events().count == 1)
    }

    @Test func aCorrectionBelowWhatAResetLeftMovesNoMoreThanThere() async throws {
        let store = try await TestStore(OpsExample.policy, at: noon)
        let held = try await store.reserve(OpsExample.request(500)).get().reservation
        _ = try await store.commit(OpsExample.commit(held, input: 400, final: false)).get()
        try await store.reset("daily", of: "u")
        _ = try await store.commit(OpsExample.commit(held, input: 100, final: false)).get()
        _ = try await store.commit(OpsExample.commit(held, input: 150)).get()
        let events = try await store.events()
        #expect(events.map(\.kind) == [.checkpoint, .reset, .checkpoint, .commit])
        let daily = events.flatMap(\.counters).filter { $0.counter.name == "daily" }
        #expect(daily.map(\.amount) == [400, -400, 50] && Set(daily.map(\.windowStart)).count == 1)
        #expect(events.map(\.added.input) == [400, 0, -300, 50])
    }

    @Test func anEventOutlivesWhatTellsItsAttribution() async throws {
        let store = try await TestStore(LedgerExample.policy, at: noon)
        let held = try await store.reserve(LedgerExample.request).get().reservation
        _ = try await store.commit(OpsExample.commit(held, input: 10)).get()
        guard case .array(let keys) = try await store.redis("KEYS", "tb:i:*") else { return }
        #expect(keys.count == 1)
        for case .bytes(let key) in keys { try await store.redis([Array("DEL".utf8), key]) }
        let event = try #require(try await store.events().first)
        #expect(event.attribution.user == "café" && event.attribution.session == "s_9" && event.attribution.tier == "free")
        #expect((event.attribution.feature, event.attribution.team, event.model) == ("unknown", "unknown", "unknown"))
        #expect(event.added.input == 10 && event.counters.count == 3)
    }

    @Test func attributionsAreLeftOnceAndAgainAfterTheirDay() async throws {
        let store = try await TestStore(LedgerExample.policy, at: noon)
        for team: Identifier in ["a", "b", "a", "a"] {
            var request = LedgerExample.request
            request.attribution.team = team
            _ = try await store.reserve(request).get()
        }
        guard case .array(let keys) = try await store.redis("KEYS", "tb:i:*") else { return }
        #expect(keys.count == 2, "users and sessions share them")
        for case .bytes(let key) in keys { try await store.redis([Array("DEL".utf8), key]) }
        _ = try await store.reserve(LedgerExample.request).get()
        try await store.set(time: noon + 86_401_000)  // a second more: the loop's own clock has gone on meanwhile
        for _ in 0..<2 {
            var request = LedgerExample.request
            request.attribution.team = "a"
            _ = try await store.reserve(request).get()  // the first tells the time
        }
        guard case .array(let left) = try await store.redis("KEYS", "tb:i:*") else { return }
        #expect(left.count == 2)
    }
}
