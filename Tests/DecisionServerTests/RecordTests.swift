import TestSupport
import Testing

/// Usage booked without a reserve.
@Suite("Record over HTTP", .timeLimit(.minutes(1)))
struct RecordTests {
    private static let usage: JSON = ["user": "u", "model": "gpt-4o", "idempotency_key": "r-1", "usage": Example.usage]

    @Test("usage is booked in full, once")
    func usage() async throws {
        try await Listener.run { listener in
            let first = try await listener.post("/v1/record", Self.usage)
            #expect(first.status == 200)
            #expect(first.json.keys == ["charged", "replayed", "allowances"])
            #expect(first.json["charged"] == ["tokens": 1_821, "cost_usd": 0.00571])
            #expect(first.json["replayed"] == false)
            let again = try await listener.post("/v1/record", Self.usage)
            #expect(again.json["replayed"] == true)
            #expect(again.json["charged"] == first.json["charged"])
            #expect(try await listener.allowance("daily-tokens", of: "u")?["used"] == 1_821)
        }
    }

    @Test("a cost of something else than tokens is booked as money only")
    func component() async throws {
        try await Listener.run { listener in
            let body: JSON = ["user": "u", "idempotency_key": "r-1", "cost_usd": 0.015, "component": "web-search"]
            let answer = try await listener.post("/v1/record", body)
            #expect(answer.status == 200, "\(answer.json)")
            #expect(answer.json["charged"] == ["tokens": 0, "cost_usd": 0.015])
            #expect(try await listener.allowance("daily-usd", of: "u")?["used"] == 0.015)
            #expect(try await listener.allowance("daily-tokens", of: "u")?["used"] == 0)
        }
    }

    @Test("the key may come in the header, must come, and belongs to one request")
    func key() async throws {
        try await Listener.run { listener in
            var bare = Self.usage
            bare["idempotency_key"] = nil
            let missing = try await listener.post("/v1/record", bare)
            #expect(missing.status == 400)
            #expect(missing.pointer == "/idempotency_key")
            #expect(try await listener.post("/v1/record", bare, "idempotency-key: \"r-1\"").json["replayed"] == false)
            #expect(try await listener.post("/v1/record", Self.usage).json["replayed"] == true)
            let other = try await listener.post("/v1/record", Self.usage.with(["feature": "chat"]))
            #expect(other.status == 422)
            #expect(other.code == "idempotency_key_reused")
        }
    }

    @Test("fifty copies at once book once")
    func manyCopies() async throws {
        try await Listener.run { listener in
            let fresh = try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<50 { group.addTask { try await listener.post("/v1/record", Self.usage).json["replayed"] == false } }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(fresh == 1)
            #expect(try await listener.allowance("daily-tokens", of: "u")?["used"] == 1_821)
        }
    }

    static let wrongBodies: [(JSON, String)] = [
        (["user": "u", "idempotency_key": "k", "usage": Example.usage], "/model"),
        (["user": "u", "idempotency_key": "k", "cost_usd": 1], "/component"),
        (["user": "u", "idempotency_key": "k", "model": "gpt-4o"], "/usage"),
        (["model": "gpt-4o", "idempotency_key": "k", "usage": Example.usage], "/user"),
        (["user": "u", "idempotency_key": "k", "cost_usd": -1, "component": "c"], "/cost_usd"),
        (["user": "u", "idempotency_key": "k", "cost_usd": "1", "component": "c"], "/cost_usd"),
        (["user": "u", "idempotency_key": "k", "cost_usd": 1, "component": "c", "input_tokens": 5], "/input_tokens"),
    ]

    @Test("what is missing or wrong is named", arguments: wrongBodies)
    func malformed(_ body: JSON, _ pointer: String) async throws {
        try await Listener.run { listener in
            let answer = try await listener.post("/v1/record", body)
            #expect(answer.status == 400)
            #expect(answer.pointer == pointer)
        }
    }

    @Test("amounts past the largest are unusable and change nothing")
    func tooLarge() async throws {
        try await Listener.run(Listener.Setting(policy: Example.tokensOnly)) { listener in
            let half: JSON = ["input_tokens": 9_007_199_254_740_990, "output_tokens": 0]
            let first = try await listener.post("/v1/record", ["user": "u", "model": "m", "idempotency_key": "1", "usage": half])
            #expect(first.status == 200, "\(first.json)")
            let second = try await listener.post("/v1/record", ["user": "u", "model": "m", "idempotency_key": "2", "usage": half])
            #expect(second.status == 422)
            #expect(second.code == "amount_too_large")
            let daily = try await listener.allowance("daily-tokens", of: "u")
            #expect(daily?["used"] == 9_007_199_254_740_990)
            #expect(daily?["remaining"] == 0)
            let reserve = try await listener.post(
                "/v1/reserve", ["user": "u", "model": "m", "input_tokens": 1, "max_output_tokens": 0])
            #expect(reserve.json["decision"] == "reject")
        }
    }
}
