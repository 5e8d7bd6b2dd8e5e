import BudgetModel
import BudgetStore
import TestSupport
import Testing

/// What callers say for the ledger reaches it.
@Suite("What the ledger is told", .timeLimit(.minutes(1)))
struct LedgerTests {
    private static let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    private static let other = "00-11111111111111111111111111111111-00f067aa0ba902b7-01"

    /// The events after `body`, from the store that its listener writes to.
    private static func events(_ body: (Listener) async throws -> Void) async throws -> [LedgerEvent] {
        let store = try await TestStore(Example.policy)
        var setting = Listener.Setting()
        setting.store = store.address
        try await Listener.run(setting) { listener in
            // Every loop's connection: which of them is asked is not the test's to choose.
            #expect(try await listener.stores.obstacle(within: .seconds(20)) == nil)
            try await body(listener)
        }
        return try await store.events()
    }

    @Test("labels, prompt hash, trace, latency, status and unknown usage fields")
    func everything() async throws {
        let events = try await Self.events { listener in
            var reserve = Example.reserve
            reserve["labels"] = ["release": "2026.11"]
            reserve["prompt_hash"] = "9f2c"
            let held = try await listener.post("/v1/reserve", reserve, "traceparent: \(Self.trace)").json
            let usage: JSON = [
                "input_tokens": 1_000, "output_tokens": 10, "server_tool_use": ["web_search_requests": 2], "cache_read_input_tokens": 5,
                "inference_geo": nil,
            ]
            let commit: JSON = [
                "reservation_id": held["reservation_id"] ?? nil, "usage": usage, "latency_ms": 812, "status": "ok",
            ]
            #expect(try await listener.post("/v1/commit", commit).status == 200)
        }
        let event = try #require(events.first)
        #expect(events.count == 1)
        #expect((event.labels, event.promptHash) == (["release": "2026.11"], "9f2c"))
        #expect((event.latencyMilliseconds, event.status) == (812, "ok"))
        #expect(event.traceID == "4bf92f3577b34da6a3ce929d0e0e4736", "the reserve's, for the commit named none")
        #expect(event.unknownUsage == #"{"server_tool_use":{"web_search_requests":2}}"#)
        #expect((event.usage.inputTokens, event.usage.cachedInputTokens) == (1_005, 5))
    }

    @Test("a settlement's own trace goes before the reserve's")
    func ownTrace() async throws {
        let events = try await Self.events { listener in
            let held = try await listener.post("/v1/reserve", Example.reserve, "traceparent: \(Self.trace)").json
            let commit: JSON = ["reservation_id": held["reservation_id"] ?? nil, "usage": Example.usage]
            let settled = try await listener.post("/v1/commit", commit, "traceparent: \(Self.other)")
            #expect(settled.status == 200, "\(held) \(settled.json)")
        }
        #expect(events.map(\.traceID) == ["11111111111111111111111111111111"])
    }
}
