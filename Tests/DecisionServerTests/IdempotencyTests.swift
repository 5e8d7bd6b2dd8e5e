import TestSupport
import Testing

/// Retries with a key: one hold, one answer.
@Suite("Idempotency keys", .timeLimit(.minutes(1)))
struct IdempotencyTests {
    private static let keyed = Example.reserve.with(["idempotency_key": "k-1"])

    @Test("the same reserve again is the stored answer and one hold")
    func sameRequest() async throws {
        try await Listener.run { listener in
            let first = try await listener.post("/v1/reserve", Self.keyed)
            for _ in 0..<10 {
                let again = try await listener.post("/v1/reserve", Self.keyed)
                #expect(again.status == 200)
                #expect(again.json["reservation_id"] == first.json["reservation_id"])
                #expect(again.json["expires_at"] == first.json["expires_at"])
                #expect(again.json["held"] == first.json["held"])
            }
            #expect(try await listener.allowance("daily-tokens", of: "u_42")?["held"] == 2_000)
        }
    }

    @Test("fifty copies at once make one hold")
    func manyCopies() async throws {
        try await Listener.run { listener in
            let ids = try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<50 { group.addTask { try await listener.reserve(Self.keyed) } }
                return try await group.reduce(into: Set<String>()) { $0.insert($1) }
            }
            #expect(ids.count == 1)
            #expect(try await listener.allowance("daily-tokens", of: "u_42")?["held"] == 2_000)
        }
    }

    @Test("requests are compared as parsed values, not as text")
    func sameValues() async throws {
        try await Listener.run { listener in
            let first = try await listener.post("/v1/reserve", Self.keyed.with(["labels": ["a": "1", "b": "2"]]))
            let text =
                #" { "labels":{"b":"2", "a":"1"},"idempotency_key":"k-1", "max_output_tokens":500,"input_tokens":1500,"model":"gpt-4o","user":"u\u005f42"} "#
            let again = try await listener.post("/v1/reserve", bytes: Array(text.utf8))
            #expect(again.status == 200)
            #expect(again.json["reservation_id"] == first.json["reservation_id"])
        }
    }

    static let others: [[String: JSON]] = [
        ["input_tokens": 1_501], ["max_output_tokens": 501], ["min_output_tokens": 1], ["model": "claude"], ["feature": "chat"],
        ["team": "t"], ["environment": "e"], ["plan": "p"], ["session": "s"], ["price_class": "batch"], ["ttl_seconds": 121],
        ["labels": ["a": "1"]], ["prompt_hash": "h"], ["tier": "free"],
    ]

    @Test("the key with another request is refused", arguments: others)
    func otherRequest(_ change: [String: JSON]) async throws {
        try await Listener.run { listener in
            _ = try await listener.reserve(Self.keyed)
            let answer = try await listener.post("/v1/reserve", Self.keyed.with(change))
            #expect(answer.status == 422, "\(answer.json)")
            #expect(answer.code == "idempotency_key_reused")
            #expect(try await listener.allowance("daily-tokens", of: "u_42")?["held"] == 2_000)
        }
    }

    @Test("a key is its user's own")
    func perUser() async throws {
        try await Listener.run { listener in
            let one = try await listener.reserve(Self.keyed)
            let two = try await listener.reserve(Self.keyed.with(["user": "u_43"]))
            #expect(one != two)
            #expect(try await listener.allowance("daily-tokens", of: "u_43")?["held"] == 2_000)
        }
    }

    @Test("once the reservation has ended the key is a conflict", arguments: ["commit", "release"])
    func afterEnd(_ verb: String) async throws {
        try await Listener.run { listener in
            let id = try await listener.reserve(Self.keyed)
            _ = try await listener.post("/v1/\(verb)", ["reservation_id": .string(id)])
            let answer = try await listener.post("/v1/reserve", Self.keyed)
            #expect(answer.status == 409)
            #expect(answer.code == "reservation_ended")
        }
    }

    @Test("a rejection is not stored: the same key is decided anew")
    func rejectionIsNotStored() async throws {
        try await Listener.run { listener in
            let blocker = try await listener.reserve(Example.reserve.with(["input_tokens": 9_000]))
            #expect(try await listener.post("/v1/reserve", Self.keyed).json["decision"] == "reject")
            _ = try await listener.post("/v1/release", ["reservation_id": .string(blocker)])
            #expect(try await listener.post("/v1/reserve", Self.keyed).json["decision"] == "allow")
        }
    }

    // MARK: The header

    @Test("the header's key, quoted or bare, is the body's", arguments: ["k-1", "\"k-1\""])
    func header(_ text: String) async throws {
        try await Listener.run { listener in
            let id = try await listener.reserve(Self.keyed)
            #expect(try await listener.reserve(Example.reserve, "Idempotency-Key: \(text)") == id)
            #expect(try await listener.reserve(Self.keyed, "idempotency-key: \(text)") == id)
        }
    }

    @Test("header and body that differ are refused")
    func headerDiffers() async throws {
        try await Listener.run { listener in
            for verb in ["reserve", "check"] {
                let answer = try await listener.post("/v1/\(verb)", Self.keyed, "idempotency-key: k-2")
                #expect(answer.status == 400)
                #expect(answer.code != nil)
            }
            #expect(try await listener.allowance("daily-tokens", of: "u_42")?["held"] == 0)
        }
    }

    @Test("a header that is no key is refused", arguments: ["", "\"\"", "a b", String(repeating: "k", count: 129), "é", "\u{7F}"])
    func badHeader(_ text: String) async throws {
        try await Listener.run { listener in
            let answer = try await listener.post("/v1/reserve", Example.reserve, "idempotency-key: \(text)")
            #expect(answer.status == 400)
        }
    }

    @Test("two header keys are refused")
    func twoHeaders() async throws {
        try await Listener.run { listener in
            let answer = try await listener.post("/v1/reserve", Example.reserve, "idempotency-key: a", "idempotency-key: b")
            #expect(answer.status == 400)
        }
    }
}
