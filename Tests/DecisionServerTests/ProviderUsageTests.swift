import TestSupport
import Testing

/// Usage objects as providers send them, verbatim.
@Suite("Provider usage", .timeLimit(.minutes(1)))
struct ProviderUsageTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var usage: JSON
        var charged: JSON
        var testDescription: String { name }

        init(_ name: String, _ usage: JSON, tokens: JSON, cost: JSON) {
            (self.name, self.usage, charged) = (name, usage, ["tokens": tokens, "cost_usd": cost])
        }
    }

    // Prices per million: input 3, cached 0.30, cache write 3.75, output 15.
    static let objects: [Case] = [
        Case(
            "openai_chat",
            [
                "prompt_tokens": 1_500, "completion_tokens": 300, "total_tokens": 1_800,
                "prompt_tokens_details": ["cached_tokens": 1_000, "audio_tokens": 0],
                "completion_tokens_details": [
                    "reasoning_tokens": 200, "audio_tokens": 0, "accepted_prediction_tokens": 0, "rejected_prediction_tokens": 0,
                ],
            ], tokens: 1_800, cost: 0.0063),
        Case("openai_chat", ["prompt_tokens": 1_500, "completion_tokens": 300, "total_tokens": 1_800], tokens: 1_800, cost: 0.009),
        Case("openai_chat", ["prompt_tokens": 1_500, "total_tokens": 1_500], tokens: 1_500, cost: 0.0045),
        Case(
            "openai_chat",
            [
                "prompt_tokens": 1_500, "completion_tokens": 0, "total_tokens": 1_500, "completion_tokens_details": nil,
                "prompt_tokens_details": ["cached_tokens": 1_000, "cache_write_tokens": 200],
            ], tokens: 1_500, cost: 0.00195),
        Case(
            "openai_responses",
            [
                "input_tokens": 1_500, "input_tokens_details": ["cached_tokens": 1_000], "output_tokens": 300,
                "output_tokens_details": ["reasoning_tokens": 200], "total_tokens": 1_800,
            ], tokens: 1_800, cost: 0.0063),
        Case(
            "openai_responses",
            [
                "input_tokens": 1_500, "input_tokens_details": ["cached_tokens": 1_000, "cache_write_tokens": 200],
                "output_tokens": 300, "output_tokens_details": ["reasoning_tokens": 0], "total_tokens": 1_800,
            ], tokens: 1_800, cost: 0.00645),
        Case(
            "anthropic",
            [
                "input_tokens": 500, "cache_creation_input_tokens": 200, "cache_read_input_tokens": 1_000,
                "cache_creation": ["ephemeral_5m_input_tokens": 200, "ephemeral_1h_input_tokens": 0], "output_tokens": 300,
                "server_tool_use": ["web_search_requests": 0], "service_tier": "standard",
            ], tokens: 2_000, cost: 0.00705),
        Case(
            "anthropic",
            [
                "input_tokens": 500, "cache_creation_input_tokens": nil, "cache_read_input_tokens": nil, "output_tokens": 300,
                "output_tokens_details": ["thinking_tokens": 300], "inference_geo": "eu",
            ], tokens: 800, cost: 0.006),
        Case(
            "gemini",
            [
                "promptTokenCount": 1_500, "cachedContentTokenCount": 1_000, "candidatesTokenCount": 200, "thoughtsTokenCount": 100,
                "toolUsePromptTokenCount": 50, "totalTokenCount": 1_850, "trafficType": "ON_DEMAND",
                "promptTokensDetails": [["modality": "TEXT", "tokenCount": 1_500]],
            ], tokens: 1_850, cost: 0.00645),
        Case("gemini", ["promptTokenCount": 1_500, "totalTokenCount": 1_500], tokens: 1_500, cost: 0.0045),
        Case(
            "bedrock",
            [
                "inputTokens": 500, "outputTokens": 300, "totalTokens": 2_000, "cacheReadInputTokens": 1_000,
                "cacheWriteInputTokens": 200, "cacheDetails": [["ttl": "5m", "inputTokens": 200]],
            ], tokens: 2_000, cost: 0.00705),
        Case(
            "token_budget", ["input_tokens": 1_500, "output_tokens": 300, "cached_input_tokens": 1_000, "reasoning_tokens": 200],
            tokens: 1_800, cost: 0.0063),
        Case(
            "token_budget",
            ["input_tokens": 1_700, "output_tokens": 300, "cached_input_tokens": 1_000, "cache_write_input_tokens": 200],
            tokens: 2_000, cost: 0.00705),
    ]

    @Test("what includes what is known, by field names and when the format is named", arguments: objects)
    func charged(_ test: Case) async throws {
        try await Listener.run { listener in
            for extra in [[:], ["usage_format": .string(test.name)]] as [JSON] {
                let json = try await commit(test.usage, extra, listener).json
                #expect(json["charged"] == test.charged, "\(json)")
                #expect(json["usage_mismatch"] == nil)
            }
        }
    }

    static let contradictions: [JSON] = [
        ["prompt_tokens": 100, "completion_tokens": 5, "total_tokens": 105, "prompt_tokens_details": ["cached_tokens": 101]],
        ["prompt_tokens": 100, "completion_tokens": 5, "total_tokens": 105, "completion_tokens_details": ["reasoning_tokens": 6]],
        ["input_tokens": 100, "output_tokens": 5, "total_tokens": 105, "input_tokens_details": ["cached_tokens": 101]],
        ["input_tokens": 100, "output_tokens": 5, "total_tokens": 105, "output_tokens_details": ["reasoning_tokens": 6]],
        ["input_tokens": 100, "output_tokens": 5, "cache_read_input_tokens": 0, "output_tokens_details": ["thinking_tokens": 6]],
        ["promptTokenCount": 100, "candidatesTokenCount": 5, "cachedContentTokenCount": 101, "totalTokenCount": 105],
        ["input_tokens": 100, "output_tokens": 5, "cached_input_tokens": 101],
        ["input_tokens": 100, "output_tokens": 5, "cached_input_tokens": 60, "cache_write_input_tokens": 60],
        ["input_tokens": 100, "output_tokens": 5, "reasoning_tokens": 6],
    ]

    @Test("a part larger than its whole is refused and books nothing", arguments: contradictions)
    func inconsistent(_ usage: JSON) async throws {
        try await Listener.run { listener in
            let answer = try await commit(usage, [:], listener)
            #expect(answer.status == 422)
            #expect(answer.code == "usage_inconsistent")
            let daily = try await listener.allowance("daily-tokens", of: "u_42")
            #expect(daily?["used"] == 0)
            #expect(daily?["held"] == 2_000)
        }
    }

    static let wrongTotals: [(JSON, JSON)] = [
        (["prompt_tokens": 100, "completion_tokens": 50, "total_tokens": 170], 170),
        (["prompt_tokens": 100, "completion_tokens": 50, "total_tokens": 120], 150),
        (["input_tokens": 100, "output_tokens": 50, "total_tokens": 170, "input_tokens_details": ["cached_tokens": 0]], 170),
        (["promptTokenCount": 100, "candidatesTokenCount": 50, "totalTokenCount": 170], 170),
        (["inputTokens": 100, "outputTokens": 50, "totalTokens": 170], 170),
    ]

    @Test("of a wrong total and the sum the larger is charged, flagged", arguments: wrongTotals)
    func wrongTotal(_ usage: JSON, _ tokens: JSON) async throws {
        try await Listener.run { listener in
            let json = try await commit(usage, [:], listener).json
            #expect(json["charged"]?["tokens"] == tokens)
            #expect(json["usage_mismatch"] == true)
        }
    }

    static let malformed: [(JSON, String)] = [
        (["prompt_tokens": -1, "completion_tokens": 1], "/usage/prompt_tokens"),
        (["prompt_tokens": 1, "completion_tokens": 1.5], "/usage/completion_tokens"),
        (["prompt_tokens": 1, "completion_tokens": "1"], "/usage/completion_tokens"),
        (
            ["prompt_tokens": 1, "completion_tokens": 1, "prompt_tokens_details": ["cached_tokens": true]],
            "/usage/prompt_tokens_details/cached_tokens"
        ),
        (["promptTokenCount": [1]], "/usage/promptTokenCount"), (["input_tokens": 1], "/usage/output_tokens"),
    ]

    @Test("counts that are no plain integers are named", arguments: malformed)
    func malformedCounts(_ usage: JSON, _ pointer: String) async throws {
        try await Listener.run { listener in
            let answer = try await commit(usage, [:], listener)
            #expect(answer.status == 400)
            #expect(answer.pointer == pointer)
        }
    }

    @Test("an unknown format, an unknown field of ours, and a usage that is no object are refused")
    func refused() async throws {
        try await Listener.run { listener in
            let format = try await commit(Example.usage, ["usage_format": "cobol"], listener)
            #expect(format.status == 400)
            #expect(format.pointer == "/usage_format")
            let field = try await commit(Example.usage.with(["extra": 1]), ["usage_format": "token_budget"], listener)
            #expect(field.status == 400)
            #expect(field.pointer == "/usage/extra")
            for usage in [5, "many", [], true] as [JSON] {
                let answer = try await commit(usage, [:], listener)
                #expect(answer.status == 400)
                #expect(answer.pointer == "/usage")
            }
            #expect(try await listener.allowance("daily-tokens", of: "u_42")?["used"] == 0)
        }
    }

    private func commit(_ usage: JSON, _ extra: JSON, _ listener: Listener) async throws -> Answer {
        let id = try await listener.reserve(Example.reserve.with(["model": "claude"]))
        return try await listener.post("/v1/commit", extra.with(["reservation_id": .string(id), "usage": usage]))
    }
}
