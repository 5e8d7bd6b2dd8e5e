import TestSupport
import Testing

/// What reserve and check answer, field by field.
@Suite("Answers of reserve and check", .timeLimit(.minutes(1)))
struct ReserveAnswerTests {
    private static let state: Set<String> = ["name", "unit", "limit", "used", "held", "remaining", "resets_at"]

    @Test("allow names model, grant, hold and allowances, and gives no reason")
    func allow() async throws {
        try await Listener.run { listener in
            let answer = try await listener.post("/v1/reserve", Example.reserve)
            #expect(answer.status == 200)
            #expect(answer["content-type"] == "application/json")
            let json = answer.json
            #expect(
                json.keys == ["decision", "reservation_id", "model", "max_output_tokens", "expires_at", "held", "allowances"])
            #expect(json["decision"] == "allow")
            #expect(json["model"] == "gpt-4o")
            #expect(json["max_output_tokens"] == 500)
            #expect(json["held"] == ["tokens": 2_000, "cost_usd": 0.00875])
            #expect(json["expires_at"]?.text?.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/) != nil)
            let daily = try #require(json["allowances"]?[0])
            #expect(daily.keys == Self.state)
            #expect(daily["limit"] == 10_000)
            #expect(daily["used"] == 0)
            #expect(daily["held"] == 2_000)
            #expect(daily["remaining"] == 8_000)
            #expect(daily["resets_at"]?.text?.hasSuffix("T00:00:00Z") == true)
            let money = try #require(json["allowances"]?[1])
            #expect(money["held"] == 0.00875)
            #expect(money["remaining"] == 4.99125)
        }
    }

    @Test("money is a decimal number without an exponent")
    func decimalMoney() async throws {
        try await Listener.run { listener in
            let answer = try await listener.post(
                "/v1/reserve", ["user": "u", "model": "gpt-4o", "input_tokens": 1, "max_output_tokens": 0])
            let text = String(decoding: answer.body, as: UTF8.self)
            #expect(text.contains(#""cost_usd":0.0000025"#), "\(text)")
        }
    }

    @Test("check answers as reserve would, without id, and holds nothing")
    func checkHoldsNothing() async throws {
        try await Listener.run { listener in
            let before = try await listener.keyCount()
            for _ in 0..<10 {
                let json = try await listener.post("/v1/check", Example.reserve).json
                #expect(json["decision"] == "allow")
                #expect(json["reservation_id"] == nil)
                #expect(json["held"] == ["tokens": 2_000, "cost_usd": 0.00875])
                #expect(json["allowances"]?[0]?["held"] == 0)
                #expect(json["allowances"]?[0]?["remaining"] == 10_000)
            }
            #expect(try await listener.keyCount() == before)
        }
    }

    @Test("reject has a message for people and nothing to settle")
    func reject() async throws {
        try await Listener.run { listener in
            for _ in 0..<5 { _ = try await listener.reserve(Example.reserve) }
            for path in ["/v1/reserve", "/v1/check"] {
                let answer = try await listener.post(path, Example.reserve)
                #expect(answer.status == 200)
                let json = answer.json
                #expect(json["decision"] == "reject")
                #expect(json["reason"] == "limit")
                #expect(json["allowance"] == "daily-tokens")
                #expect(json["reservation_id"] == nil)
                #expect(json["expires_at"] == nil)
                #expect(json["message"]?.text?.isEmpty == false)
                #expect(json["message"]?.text?.contains("$") == false)
                #expect((1...86_400).contains(json["retry_after_seconds"]?.number ?? 0))
                #expect(json["allowances"]?[0]?["remaining"] == 0)
            }
        }
    }

    @Test("too large for empty counters is told apart, without a time to retry")
    func tooLarge() async throws {
        try await Listener.run { listener in
            let json = try await listener.post(
                "/v1/reserve", ["user": "u", "model": "gpt-4o", "input_tokens": 10_001, "max_output_tokens": 0]
            ).json
            #expect(json["decision"] == "reject")
            #expect(json["reason"] == "too_large")
            #expect(json["retry_after_seconds"] == nil)
        }
    }

    @Test("an output may shrink to what is left")
    func shortened() async throws {
        try await Listener.run { listener in
            let body = Example.reserve.with(["max_output_tokens": 16_000, "min_output_tokens": 100])
            let json = try await listener.post("/v1/reserve", body).json
            #expect(json["decision"] == "allow")
            #expect(json["reason"] == "output_shortened")
            #expect(json["allowance"] == "daily-tokens")
            #expect(json["max_output_tokens"] == 8_500)
        }
    }

    @Test("without a price there is no cost, and where money counts no answer")
    func unpriced() async throws {
        try await Listener.run(Listener.Setting(policy: Example.tokensOnly)) { listener in
            let json = try await listener.post("/v1/reserve", Example.reserve).json
            #expect(json["held"] == ["tokens": 2_000, "cost_usd": nil])
        }
        try await Listener.run { listener in
            let answer = try await listener.post("/v1/reserve", Example.reserve.with(["model": "mystery"]))
            #expect(answer.status == 422)
            #expect(answer.code == "unpriced_model")
        }
    }

    @Test("well-formed but unusable is 422 and names why")
    func unusable() async throws {
        try await Listener.run(Listener.Setting(policy: Example.tokensOnly)) { listener in
            let tier = try await listener.post("/v1/reserve", Example.reserve.with(["tier": "gold"]))
            #expect(tier.status == 422)
            #expect(tier.code == "unknown_tier")
            let minimum = try await listener.post("/v1/reserve", Example.reserve.with(["min_output_tokens": 501]))
            #expect(minimum.status == 422)
            let unbounded = try await listener.post("/v1/reserve", ["user": "u", "model": "m", "input_tokens": 5])
            #expect(unbounded.status == 422)
        }
    }
}
