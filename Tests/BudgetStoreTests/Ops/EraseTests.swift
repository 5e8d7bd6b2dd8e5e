import BudgetModel
import BudgetStore
import TestSupport
import Testing

/// An erased user leaves no trace, and nobody else notices.
@Suite struct EraseTests {
    private let noon = OpsExample.noon

    @Test func nothingIsLeftAndSharedHoldsAreGivenBack() async throws {
        let store = try await TestStore(OpsExample.policy, at: noon)
        try await store.spend(100)
        _ = try await store.reserve(OpsExample.request(200)).get()
        var keyed = OpsExample.request(50)
        keyed.idempotencyKey = "k"
        _ = try await store.reserve(keyed).get()
        var attribution = Attribution(user: "u")
        attribution.feature = "chat"
        _ = try await store.record(
            RecordRequest(
                attribution: attribution, what: .tokens(Usage(inputTokens: 7, outputTokens: 0), model: "m"), idempotencyKey: "r")
        ).get()
        try await store.assign(UserChange { $0.tier = .set("free") }, to: "u")
        try await store.grant(GrantRequest("daily", "5"), to: "u")
        try await store.spend(1, user: "neighbour")

        let erased = try await store.erase("u")
        #expect(erased == Erasure(counters: 5, reservations: 4, holds: 2))
        #expect(try await store.traces(of: "u") == [])
        let company = try #require(try await store.allowances().states.first)
        #expect(company.used == 108 && company.held == 0, "what was spent stays spent")
        #expect(try await store.state("daily", of: "neighbour")?.used == 1)
    }

    @Test func aUserWithoutTracesIsFine() async throws {
        let store = try await TestStore(OpsExample.policy, at: noon)
        #expect(try await store.erase("nobody") == Erasure())
        try await store.spend(1)
        try await store.erase("u")
        #expect(try await store.erase("u") == Erasure())
    }

    @Test func anErasedReservationIsUnknownAndAnOldOneGone() async throws {
        let store = try await TestStore(OpsExample.policy, at: noon)
        let held = try await store.reserve(OpsExample.request()).get().reservation
        try await store.erase("u")
        await #expect(throws: BudgetError.unknownReservation) {
            try await store.commit(OpsExample.commit(held, input: 1)).get()
        }
        #expect(try await store.traces(of: "u") == [])
        try await store.set(time: noon + 3_600_000)
        _ = try await store.reserve(OpsExample.request()).get()  // tells the time
        await #expect(throws: BudgetError.reservationGone) { try await store.commit(OpsExample.commit(held, input: 1)).get() }
    }

    @Test func manyReservationsGoInSteps() async throws {
        let store = try await TestStore(OpsExample.policy, at: noon)
        try await store.assign(UserChange { $0.limits = .set(["parallel": WrittenAmount("1000")]) }, to: "u")
        for _ in 0..<230 { _ = try await store.reserve(OpsExample.request(1)).get() }
        #expect(try await store.erase("u").holds == 230)
        #expect(try await store.traces(of: "u") == [])
        #expect(try await store.allowances().states.first?.held == 0)
    }

    @Test func idsThatLookLikePatternsOrKeysEraseOnlyThemselves() async throws {
        let store = try await TestStore(OpsExample.policy, at: noon)
        let users: [Identifier] = ["*", "?", "a", "a:b", "a*", "[a]", "\\"]
        for user in users { _ = try await store.reserve(OpsExample.request(10, user: user)).get() }
        for (count, user) in users.enumerated() {
            #expect(try await store.erase(user).holds == 1)
            for other in users[(count + 1)...] { #expect(try await store.state("daily", of: other)?.held == 10) }
        }
    }

    @Test(arguments: [true, false]) func nothingGoesThatTheLedgerIsNotTold(holding: Bool) async throws {
        let store = try await TestStore(OpsExample.policy, at: noon)
        if holding { _ = try await store.reserve(OpsExample.request(200)).get() }
        try await store.spend(100)
        let (before, stream) = (try await store.traces(of: "u"), Keys.stream(partition: Keys.partition(of: "u")))
        try await store.redis([Array("RENAME".utf8), stream, Array("aside".utf8)])
        try await store.redis([Array("SET".utf8), stream, Array("x".utf8)])
        guard case .failure(.store(.corrupt)) = await store.ask({ $0.erase("u", $1) }) else {
            Issue.record("a foreign stream was not noticed")
            return
        }
        #expect(try await Set(store.traces(of: "u")) == Set(before))
        #expect(try await store.allowances().states.first?.held == (holding ? 200 : 0))
        try await store.redis([Array("RENAME".utf8), Array("aside".utf8), stream])
        #expect(try await store.erase("u").holds == (holding ? 1 : 0))
        #expect(try await store.events().map(\.kind) == (holding ? [.commit, .release] : [.commit]))
        guard case .erasure("u")? = try await store.entries().last?.content else {
            Issue.record("the ledger was not told")
            return
        }
    }

    /// A stream that can take no more entries is a stream all the same.
    @Test func aStreamThatTakesNothingStopsAnErasureBeforeItsHoldIsGone() async throws {
        let store = try await TestStore(OpsExample.policy, at: noon)
        _ = try await store.reserve(OpsExample.request(200)).get()
        let stream = Keys.stream(partition: Keys.partition(of: "u"))
        let last = Array("18446744073709551615-18446744073709551615".utf8)
        try await store.redis([Array("XADD".utf8), stream, last, Array("u".utf8), Array("nobody".utf8)])
        guard case .failure = await store.ask({ $0.erase("u", $1) }) else {
            Issue.record("the ledger was not told, and nobody noticed")
            return
        }
        #expect(try await store.allowances().states.first?.held == 200)
        #expect(try await !store.traces(of: "u").isEmpty)
        try await store.redis([Array("DEL".utf8), stream])
        #expect(try await store.erase("u").holds == 1)
    }

    @Test func anUnreadableRecordGoesToo() async throws {
        let store = try await TestStore(OpsExample.policy, at: noon)
        _ = try await store.reserve(OpsExample.request()).get()
        try await store.redis([Array("SET".utf8), Keys.reservation("u", nonce: Array("=bad".utf8)), Array("x".utf8)])
        try await store.redis([
            Array("HSET".utf8), Keys.reservation("u", nonce: Array("=worse".utf8)), Array("x".utf8), Array("y".utf8),
        ])
        #expect(try await store.erase("u").reservations == 3)
        #expect(try await store.traces(of: "u") == [])
    }
}
