import BudgetModel
import BudgetStore
import TestSupport
import Testing

/// What is booked in a full Redis is told with all that belongs to it.
@Suite struct FullStoreTests {
    private static func record(_ key: String) -> RecordRequest {
        var attribution = Attribution(user: "u")
        attribution.feature = "chat"
        attribution.team = "red"
        return RecordRequest(
            attribution: attribution, what: .tokens(Usage(inputTokens: 7, outputTokens: 0), model: "m"), idempotencyKey: key)
    }

    @Test func aRecordTellsItsAttribution() async throws {
        let redis = try DedicatedRedis(isAppending: false)
        let store = try await TestStore(OpsExample.policy, address: redis.address)
        try await store.redis("CONFIG", "SET", "maxmemory", "1")
        _ = try await store.record(Self.record("a")).get()
        try await store.redis("CONFIG", "SET", "maxmemory", "0")
        let event = try #require(try await store.events().first)
        #expect(event.attribution.team == "red" && event.attribution.feature == "chat" && event.model == "m")
    }

    @Test func whatIsNotGrantedTakesNoMemory() async throws {
        let redis = try DedicatedRedis(isAppending: false)
        let store = try await TestStore(OpsExample.policy, address: redis.address)
        try await store.redis("CONFIG", "SET", "maxmemory", "1")
        guard case .failure(.store(.refusing)) = await store.reserve(OpsExample.request()) else {
            Issue.record("a hold was taken without memory")
            return
        }
        guard case .array(let keys) = try await store.redis("KEYS", "tb:i:*") else { return }
        #expect(keys.isEmpty)
    }

    /// What one call left in vain the next one of its kind, on its way already, does not leave again.
    @Test func aHoldTellsItsAttributionThoughTheStoreWasFullWhenItWasLeft() async throws {
        let redis = try DedicatedRedis(isAppending: false)
        let store = try await TestStore(OpsExample.policy, address: redis.address)
        let held: Decision = try await store.ask { store, answer in
            store.connection.send(Command("CONFIG", "SET", "maxmemory", "1")) { _ in }
            store.reserve(OpsExample.request(9)) { _ in }
            store.connection.send(Command("CONFIG", "SET", "maxmemory", "0")) { _ in }
            store.reserve(OpsExample.request(), answer)
        }.get()
        _ = try await store.commit(OpsExample.commit(held.reservation, input: 10)).get()
        let event = try #require(try await store.events().first)
        #expect(event.attribution.feature == "chat" && event.model == "m")
    }
}
