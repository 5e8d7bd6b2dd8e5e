import TestSupport
import Testing

/// Grants, resets and erasure over the control API.
@Suite("Grants over HTTP", .timeLimit(.minutes(1)))
struct GrantTests {
    @Test("a grant is answered with what it became, and shown with who gave it and why")
    func grant() async throws {
        try await ControlListener.run(.init(time: Shop.noon)) { listener in
            let answer = try await listener.client.send(
                "POST", "/v1/users/u/grants",
                [
                    "allowance": "daily-usd", "amount": 2.5, "expires_at": "2030-01-01T14:00:00+01:00",
                    "reason": "incident 7",
                    "grant_id": "t-7",
                ], "x-actor: eva")
            #expect(answer.status == 200)
            #expect(answer.json.keys == ["grant_id", "allowance", "amount", "unit", "expires_at", "replayed", "allowances"])
            #expect(answer.json["grant_id"] == "t-7" && answer.json["amount"] == 2.5 && answer.json["replayed"] == false)
            #expect(answer.json["expires_at"] == "2030-01-01T13:00:00Z")
            #expect(answer.json["allowances"]?.items.first { $0["name"] == "daily-usd" }?["limit"] == 7.5)
            let shown = try await listener.get("/v1/users/u").json["grants"]
            #expect(
                shown == [
                    [
                        "grant_id": "t-7", "allowance": "daily-usd", "amount": 2.5, "unit": "usd", "applies": true,
                        "expires_at": "2030-01-01T13:00:00Z",
                        "granted_at": "2030-01-01T12:00:00Z", "actor": "eva", "reason": "incident 7", "dimensions": [:],
                    ]
                ])
        }
    }

    @Test("the same grant again has one effect; another under its id is a conflict")
    func replay() async throws {
        try await ControlListener.run { listener in
            let body: JSON = ["allowance": "chat", "amount": 100, "grant_id": "t", "dimensions": ["feature": "chat"]]
            _ = try await listener.post("/v1/users/u/grants", body)
            let again = try await listener.post("/v1/users/u/grants", body)
            #expect(again.status == 200 && again.json["replayed"] == true)
            #expect(try await listener.get("/v1/users/u").json["grants"]?.items.count == 1)
            let other = try await listener.post("/v1/users/u/grants", body.with(["amount": 101]))
            #expect(other.status == 409 && other.code == "grant_id_reused" && other.pointer == "/grant_id")
            let unnamed = try await listener.post("/v1/users/u/grants", ["allowance": "chat", "amount": 1])
            #expect(try #require(unnamed.json["grant_id"]?.text).hasPrefix("g_"))
        }
    }

    static let refusals: [(body: JSON, status: Int, code: String, pointer: String)] = [
        (["amount": 5], 400, "missing_field", "/allowance"),
        (["allowance": "daily-tokens"], 400, "missing_field", "/amount"),
        (["allowance": "nope", "amount": 5], 422, "unknown_allowance", "/allowance"),
        (["allowance": "company", "amount": 5], 422, "unknown_allowance", "/allowance"),
        (["allowance": "daily-tokens", "amount": 0], 400, "invalid_field", "/amount"),
        (["allowance": "daily-tokens", "amount": -5], 400, "invalid_field", "/amount"),
        (["allowance": "daily-tokens", "amount": 0.5], 400, "invalid_field", "/amount"),
        (["allowance": "daily-tokens", "amount": "5"], 400, "invalid_field", "/amount"),
        (["allowance": "daily-tokens", "amount": 9_007_199_254_740_000], 422, "amount_too_large", "/amount"),
        (["allowance": "parallel", "amount": 1], 400, "invalid_field", "/expires_at"),
        (["allowance": "daily-tokens", "amount": 1, "expires_at": "2020-01-01T00:00:00Z"], 400, "invalid_field", "/expires_at"),
        (["allowance": "daily-tokens", "amount": 1, "expires_at": "tomorrow"], 400, "invalid_field", "/expires_at"),
        (["allowance": "daily-tokens", "amount": 1, "expires_at": nil], 400, "invalid_field", "/expires_at"),
        (["allowance": "daily-tokens", "amount": 1, "grant_id": ""], 400, "invalid_field", "/grant_id"),
        (["allowance": "daily-tokens", "amount": 1, "grant_id": "two words"], 400, "invalid_field", "/grant_id"),
        (
            ["allowance": "daily-tokens", "amount": 1, "dimensions": ["feature": "chat"]], 422, "unknown_dimension",
            "/dimensions/feature"
        ),
        (["allowance": "chat", "amount": 1, "dimensions": ["user": "x"]], 422, "unknown_dimension", "/dimensions/user"),
        (["allowance": "chat", "amount": 1, "dimensions": ["color": "x"]], 400, "unknown_field", "/dimensions/color"),
        (["allowance": "chat", "amount": 1, "dimensions": ["feature": 5]], 400, "invalid_field", "/dimensions/feature"),
        (["allowance": "chat", "amount": 1, "dimensions": []], 400, "invalid_field", "/dimensions"),
        (["allowance": "chat", "amount": 1, "why": "x"], 400, "unknown_field", "/why"),
        (["allowance": "chat", "amount": 1, "reason": "a\nb"], 400, "invalid_reason", "/reason"),
    ]

    @Test("what is no grant is refused by the field that is wrong", arguments: refusals)
    func refused(body: JSON, status: Int, code: String, pointer: String) async throws {
        try await ControlListener.run { listener in
            let answer = try await listener.post("/v1/users/u/grants", body)
            #expect(answer.status == status && answer.code == code && answer.pointer == pointer)
            #expect(try await listener.get("/v1/users/u").json["grants"] == [])
        }
    }

    @Test("a reset says what was used before")
    func reset() async throws {
        try await ControlListener.run { listener in
            try await listener.spend(300)
            let answer = try await listener.post("/v1/users/u/reset", ["allowance": "chat", "reason": "test run"])
            #expect(answer.status == 200 && answer.json.keys == ["user", "reset", "allowances"])
            #expect(
                answer.json["reset"] == [["name": "chat", "dimensions": ["feature": "chat"], "unit": "tokens", "used_before": 300]])
            let money = try await listener.post("/v1/users/u/reset", ["allowance": "daily-usd"])
            #expect(money.json["reset"]?[0]?["used_before"] == 0.00075)
            let none = try await listener.post("/v1/users/u/reset", ["allowance": "chat", "dimensions": ["feature": "other"]])
            #expect(none.status == 200 && none.json["reset"] == [])
            #expect(try await listener.post("/v1/users/u/reset", [:]).pointer == "/allowance")
            #expect(try await listener.post("/v1/users/u/reset", ["allowance": "company"]).code == "unknown_allowance")
        }
    }

    @Test("an erased user is as one never seen")
    func erase() async throws {
        try await ControlListener.run { listener in
            let fresh = try await listener.get("/v1/users/u").json
            try await listener.spend(300)
            _ = try await listener.put("/v1/users/u", ["frozen": true])
            let answer = try await listener.post("/v1/users/u/erase", ["reason": "asked for it"])
            #expect(answer.status == 200 && answer.json["user"] == "u")
            #expect(answer.json["erased"] == ["counters": 4, "reservations": 1, "holds": 0])
            #expect(try await listener.get("/v1/users/u").json == fresh)
            let again = try await listener.post("/v1/users/u/erase")
            #expect(again.status == 200 && again.json["erased"] == ["counters": 0, "reservations": 0, "holds": 0])
            #expect(try await listener.post("/v1/users/u/erase", ["sure": true]).pointer == "/sure")
        }
    }
}
