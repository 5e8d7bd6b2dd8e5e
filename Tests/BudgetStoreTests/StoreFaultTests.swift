import BudgetModel
import BudgetScripts
import BudgetStore
import NIOCore
import TestSupport
import Testing

/// What a real Redis may do to a decision: forget scripts, hold foreign data, run out of memory, lose its clock.
@Suite struct StoreFaultTests {
    static let policy = """
        default_tier: free
        tiers:
          free:
            allowances:
              - {name: daily, unit: tokens, limit: 1000, window: day}
              - {name: parallel, unit: in_flight, limit: 2}
          pro:
            allowances: [{name: daily, unit: tokens, limit: 9000, window: day}]
        prices: {m: {input: 1, output: 1, max_output_tokens: 100}}
        """
    static let noon = TestStore.noon

    static func request(_ user: Identifier = "u", input: Int64 = 100, ttl: Int64 = 60_000) -> ReserveRequest {
        var request = ReserveRequest(user: user, model: "m", inputTokens: input)
        request.timeToLive = ttl
        return request
    }

    @Test func aForgottenScriptIsLoadedUnseen() async throws {
        let store = try await TestStore(Self.policy)
        for _ in 0..<2 {
            try await store.redis("SCRIPT", "FLUSH")
            let decision = try await store.reserve(Self.request()).get()
            #expect(decision.kind == .allow)
            try await store.redis("SCRIPT", "FLUSH")
            let commit = CommitRequest(reservation: decision.reservation!.text)
            #expect(try await store.commit(commit).get().charged.tokens == 100)
        }
    }

    @Test func moreThanTheStoreBearsIsRefusedButWhatWasSpentIsBooked() async throws {
        let store = try await TestStore(Self.policy)
        let held = try await store.reserve(Self.request()).get().reservation!.text
        let crowded = try await TestStore(Self.policy, database: store.database, decisions: 0)
        guard case .failure(.store(.overloaded)) = await crowded.reserve(Self.request()) else {
            Issue.record("a full pipeline took another decision")
            return
        }
        #expect(try await crowded.commit(CommitRequest(reservation: held)).get().charged.tokens == 100)
    }

    @Test func whoIsReadLateIsRefusedHoweverManyBatchesWentOutBefore() async throws {
        let limit = 64
        let store = try await TestStore(Self.policy, decisions: limit)
        let isLetIn: Bool = try await store.ask { store, answer in
            let connection = store.connection
            func ask(_ count: Int) { for _ in 0..<count { connection.send(Command("PING")) { _ in } } }
            ask(limit)
            #expect(!connection.admits())
            // Once these have been answered the next turn begins, and only who is read early in it is let in.
            connection.send(Command("PING")) { _ in
                ask(1 + connection.limits.batch)
                let asked = NIODeadline.now()
                while NIODeadline.now() - asked <= Admission.patience {}
                answer(.success(connection.admits()))
            }
        }.get()
        #expect(!isLetIn)
    }

    @Test func foreignDataUnderAUsersKeyHurtsThatUserOnly() async throws {
        let store = try await TestStore(Self.policy)
        _ = try await store.reserve(Self.request("good")).get()
        try await store.redis([Array("SET".utf8), Keys.user("bad"), Array("x".utf8)])
        let before = try await store.redis("DBSIZE")
        guard case .failure(.store(.corrupt)) = await store.reserve(Self.request("bad")) else {
            Issue.record("foreign data was not noticed")
            return
        }
        #expect(try await store.redis("DBSIZE") == before)
        #expect(try await store.reserve(Self.request("good")).get().kind == .allow)
    }

    @Test func aForeignExpiryIndexStopsAHoldBeforeItsFirstWrite() async throws {
        let store = try await TestStore(Self.policy)
        _ = try await store.reserve(Self.request("good")).get()
        try await store.redis([Array("SET".utf8), Keys.expiryIndex(partition: Keys.partition(of: "u")), Array("x".utf8)])
        let before = try await store.redis("DBSIZE")
        guard case .failure(.store(.corrupt)) = await store.reserve(Self.request()) else {
            Issue.record("foreign data was not noticed")
            return
        }
        #expect(try await store.redis("DBSIZE") == before)
    }

    @Test func anExpiredHoldIsInNobodysWayEvenBeforeItIsSwept() async throws {
        let store = try await TestStore(Self.policy, at: Self.noon)
        for _ in 0..<2 { #expect(try await store.reserve(Self.request(ttl: 1_000)).get().kind == .allow) }
        #expect(try await store.reserve(Self.request()).get().reason == .inFlight)
        try await store.set(time: Self.noon + 1_000)
        let decision = try await store.reserve(Self.request()).get()
        #expect(decision.kind == .allow)
        #expect(decision.allowances.map(\.held) == [200, 1])
    }

    @Test func theSweepGivesLostHoldsBack() async throws {
        let store = try await TestStore(Self.policy, at: Self.noon)
        for _ in 0..<2 { _ = await store.reserve(Self.request(ttl: 1_000)) }
        try await store.set(time: Self.noon + 999)
        try await store.sweep("u")
        #expect(try await store.user("u").get().allowances.map(\.held) == [400, 2])
        try await store.set(time: Self.noon + 1_000)
        try await store.sweep("u")
        #expect(try await store.user("u").get().allowances.map(\.held) == [0, 0])
    }

    @Test func oneUsersUnreadableDataKeepsNobodyElsesHold() async throws {
        let store = try await TestStore(Self.policy, at: Self.noon)
        let neighbour = try #require(
            (0..<1_000).map { Identifier("n\($0)") }.first { Keys.partition(of: $0) == Keys.partition(of: "u") })
        for user in ["u", neighbour] { _ = try await store.reserve(Self.request(user, ttl: 1_000)).get() }
        try await store.redis([Array("SET".utf8), Keys.user("u"), Array("x".utf8)])
        try await store.set(time: Self.noon + 1_000)
        try await store.sweep("u")
        #expect(try await store.user(neighbour).get().allowances.map(\.held) == [0, 0])
    }

    @Test func aSharedCounterStaysWhileAnythingOfItIsHeld() async throws {
        let store = try await TestStore(
            """
            default_tier: free
            allowances: [{name: pool, unit: tokens, limit: 1000, window: {refill: minute}, per: []}]
            tiers: {free: {}}
            prices: {m: {input: 1, output: 1, max_output_tokens: 100}}
            """)
        let held = try await store.reserve(Self.request(input: 900)).get()
        guard case .array(let keys) = try await store.redis("KEYS", "tb:c:*"), case .bytes(let key) = keys.first else {
            Issue.record("there is no shared counter")
            return
        }
        #expect(try await store.redis([Array("PTTL".utf8), key]) == .integer(-1))
        var commit = CommitRequest(reservation: try #require(held.reservation).text)
        commit.usage = Usage(inputTokens: 900, outputTokens: 0)
        _ = try await store.commit(commit).get()
        guard case .integer(let left) = try await store.redis([Array("PTTL".utf8), key]) else { return }
        #expect(left > 25 * 3_600_000)
    }

    @Test func aShadowNeverBinds() async throws {
        let store = try await TestStore(
            """
            default_tier: free
            tiers:
              free:
                allowances:
                  - {name: tokens, unit: tokens, limit: 1, window: day, shadow: true}
                  - {name: money, unit: usd, limit: 1, window: day, shadow: true}
                  - {name: run, unit: tokens, limit: 1, window: day, per: [session], required: true, shadow: true}
            """)
        var request = Self.request()
        request.maximumOutput = 5
        #expect(try await store.reserve(request).get().kind == .allow)
        request.inputTokens = Amount.maximum - 5
        #expect(try await store.reserve(request).get().kind == .allow)
    }

    @Test func aNodeWithAWrongClockDecidesByTheStoresClock() async throws {
        // The node has last heard a time of yesterday; the store says noon.
        let store = try await TestStore(Self.policy, at: Self.noon - 86_400_000)
        _ = await store.reserve(Self.request())
        try await store.set(time: Self.noon)
        let decision = try await store.reserve(Self.request()).get()
        #expect(decision.allowances[0].used == 0)
        #expect(decision.allowances[0].resetsAt == Self.noon + 43_200_000)
    }

    @Test func aStoreWhoseClockStepsBackNeverRollsACounterBack() async throws {
        let store = try await TestStore(Self.policy, at: Self.noon)
        let first = try await store.reserve(Self.request(input: 500)).get()
        var commit = CommitRequest(reservation: first.reservation!.text)
        commit.usage = Usage(inputTokens: 500, outputTokens: 0)
        _ = try await store.commit(commit).get()
        try await store.set(time: Self.noon - 86_400_000)
        let decision = try await store.reserve(Self.request(input: 450)).get()
        #expect(decision.kind == .reject)
        #expect(decision.allowances[0].used == 500)
        #expect(decision.allowances[0].resetsAt == Self.noon + 43_200_000)
    }

    @Test func aHoldSettlesInTheWindowItWasTakenFrom() async throws {
        let midnight = Self.noon + 43_200_000
        let store = try await TestStore(Self.policy, at: midnight - 500)
        let late = try await store.reserve(Self.request(input: 300)).get()
        try await store.set(time: midnight + 500)
        let next = try await store.reserve(Self.request(input: 100)).get()
        #expect(next.allowances[0].held == 200)
        var commit = CommitRequest(reservation: late.reservation!.text)
        commit.usage = Usage(inputTokens: 300, outputTokens: 50)
        let settled = try await store.commit(commit).get()
        #expect(settled.charged.tokens == 350)
        #expect(settled.allowances[0].used == 0 && settled.allowances[0].held == 200)
    }

    @Test func opsWordHoldsFromTheVeryNextDecisionOnEveryNode() async throws {
        let one = try await TestStore(Self.policy, at: Self.noon)
        let other = try await TestStore(Self.policy, at: Self.noon, database: one.database)
        #expect(try await one.reserve(Self.request()).get().kind == .allow)
        #expect(try await other.reserve(Self.request()).get().kind == .allow)
        var assignment = Assignment()
        assignment.revision = "1"
        assignment.frozen = true
        try await one.assign(assignment, to: "u")
        let refused = try await other.reserve(Self.request()).get()
        #expect(refused.kind == .reject && refused.reason == .frozen && refused.message != nil)
        assignment.revision = "2"
        assignment.frozen = false
        assignment.tier = "pro"
        try await one.assign(assignment, to: "u")
        #expect(try await other.reserve(Self.request(input: 5_000)).get().allowances[0].limit == 9_000)
    }

    @Test func outOfMemoryRefusesHoldsAndStillSettles() async throws {
        let server = try DedicatedRedis()
        defer { server.stop() }
        let store = try await TestStore(Self.policy, address: server.address)
        let held = try await store.reserve(Self.request()).get()
        try await store.redis("CONFIG", "SET", "maxmemory", "1")
        guard case .failure(.store(.refusing)) = await store.reserve(Self.request()) else {
            Issue.record("a hold was taken without memory")
            return
        }
        #expect(try await store.commit(CommitRequest(reservation: held.reservation!.text)).get().state == .committed)
    }

    @Test func aFrozenRedisCostsADeadlineAndNothingIsBookedTwice() async throws {
        let server = try DedicatedRedis()
        defer { server.stop() }
        let store = try await TestStore(Self.policy, address: server.address, deadline: .milliseconds(250))
        var request = Self.request()
        request.idempotencyKey = "once"
        server.freeze()
        let answer = await store.reserve(request)
        #expect(answer == .failure(.store(.timedOut)))
        server.thaw()
        var decision: Decision?
        try await eventually("a decision") {
            decision = try? await store.reserve(request).get()
            return decision != nil
        }
        #expect(decision?.kind == .allow)
        #expect(try await store.user("u").get().allowances.map(\.held) == [200, 1])
    }

    @Test func aRedisThatDoesNotLetUsAskForItsMemorySettingsIsUsed() async throws {
        let server = try DedicatedRedis()
        defer { server.stop() }
        let admin = try await TestStore(Self.policy, address: server.address)
        try await admin.redis("ACL", "SETUSER", "svc", "on", ">pw", "~*", "+@all", "-info")
        var address = server.address
        address.user = "svc"
        address.password = "pw"
        let store = try await TestStore(Self.policy, address: address)
        #expect(try await store.reserve(Self.request()).get().kind == .allow)
    }

    @Test func aKilledRedisIsFoundAgain() async throws {
        let server = try DedicatedRedis()
        defer { server.stop() }
        let store = try await TestStore(Self.policy, address: server.address)
        _ = try await store.reserve(Self.request()).get()
        server.stop()
        var refused = false
        for _ in 0..<100 where !refused {
            if case .failure(.store(.unavailable)) = await store.reserve(Self.request()) { refused = true }
        }
        #expect(refused)
        try server.start()
        try await eventually("a decision") { (try? await store.reserve(Self.request()).get()) != nil }
    }
}
