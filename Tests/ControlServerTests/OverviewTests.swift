import BudgetModel
import TestSupport
import Testing

/// What is held by whom, and what all share, over the control API.
@Suite("Reservations and allowances over HTTP", .timeLimit(.minutes(1)))
struct OverviewTests {
    @Test("open and ended reservations are shown with what they hold and cost")
    func reservations() async throws {
        try await ControlListener.run(.init(time: Shop.noon)) { listener in
            try await listener.spend(300)
            _ = try await listener.store.reserve(listener.request(100)).get()
            let answer = try await listener.get("/v1/reservations?user=u")
            #expect(answer.status == 200 && answer.json.keys == ["reservations", "complete"] && answer.json["complete"] == true)
            let states = answer.json["reservations"]?.items.map { $0["state"]?.text ?? "" }
            #expect(Set(states ?? []) == ["open", "committed"])
            let open = answer.json["reservations"]?.items.first { $0["state"] == "open" }
            #expect(
                open == [
                    "state": "open", "held": ["tokens": 100, "cost_usd": 0.00025], "charged": ["tokens": 0, "cost_usd": 0],
                    "issued_at": "2030-01-01T12:00:00.000Z", "expires_at": "2030-01-01T12:02:00.000Z", "tier": "free",
                    "allowances": ["company", "daily-tokens", "daily-usd", "chat", "parallel"],
                ])
            #expect(try await listener.get("/v1/reservations?user=nobody").json["reservations"] == [])
            #expect(try await listener.get("/v1/reservations").pointer == "/user")
            #expect(try await listener.get("/v1/reservations?user=").code == "invalid_user")
        }
    }

    @Test("shared allowances are shown, and what shadow ones would have refused")
    func allowances() async throws {
        let policy = """
            default_tier: free
            allowances:
              - {name: company, unit: usd, limit: 15000, window: month, per: []}
              - {name: someday, unit: tokens, limit: 150, window: day, per: [feature], shadow: true}
            tiers: {free: {allowances: [{name: strict, unit: tokens, limit: 50, window: day, shadow: true}]}}
            prices: {gpt-4o: {input: 2.50, output: 10.00, max_output_tokens: 16384}}
            """
        try await ControlListener.run(.init(policy: policy, time: Shop.noon)) { listener in
            for _ in 0..<2 { try await listener.spend(100) }
            #expect(
                try await listener.get("/v1/allowances").json == [
                    "allowances": [
                        [
                            "name": "company", "unit": "usd", "limit": 15_000, "used": 0.0005, "held": 0, "remaining": 14_999.9995,
                            "resets_at": "2030-02-01T00:00:00Z",
                        ],
                        [
                            "name": "someday", "unit": "tokens", "limit": 150, "used": 200, "held": 0, "remaining": 0,
                            "resets_at": "2030-01-02T00:00:00Z", "dimensions": ["feature": "chat"], "shadow": true,
                            "would_reject": 1,
                        ],
                    ],
                    "shadow": [
                        ["name": "someday", "would_reject": 1], ["name": "strict", "tier": "free", "would_reject": 2],
                    ],
                ])
        }
    }
}

extension ControlListener {
    func request(_ input: Int64) -> ReserveRequest {
        var request = ReserveRequest(user: "u", model: "gpt-4o", inputTokens: input)
        request.attribution.feature = "chat"
        request.maximumOutput = 0
        return request
    }

    /// Uses tokens up as an app server does: a reserve and its commit.
    func spend(_ input: Int64) async throws {
        let decision = try await store.reserve(request(input)).get()
        var commit = CommitRequest(reservation: decision.reservation?.text ?? "")
        commit.usage = Usage(inputTokens: input, outputTokens: 0)
        _ = try await store.commit(commit).get()
    }
}
