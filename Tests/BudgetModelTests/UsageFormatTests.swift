import BudgetModel
import Testing

/// Providers' usage objects as their references show them, read into our own terms.
@Suite struct UsageFormatTests {
    private static func read(_ json: String, _ format: UsageFormat? = nil) throws(JSONError) -> Usage {
        let value = try JSONValue(parsing: json.utf8)
        return try Usage(value, format: format ?? .detect(value), pointer: "/usage")
    }

    private static func expected(_ input: Int64, _ output: Int64, cached: Int64 = 0, written: Int64 = 0, reasoning: Int64 = 0) -> Usage
    {
        var usage = Usage(inputTokens: input, outputTokens: output)
        usage.cachedInputTokens = cached
        usage.cacheWriteInputTokens = written
        usage.reasoningTokens = reasoning
        return usage
    }

    @Test(arguments: [
        (#"{"input_tokens":1500,"output_tokens":321,"cached_input_tokens":1000}"#, expected(1_500, 321, cached: 1_000)),
        (
            #"{"prompt_tokens":1500,"completion_tokens":321,"total_tokens":1821,"prompt_tokens_details":{"cached_tokens":1000,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":64}}"#,
            expected(1_500, 321, cached: 1_000, reasoning: 64)
        ),
        (#"{"prompt_tokens":8,"total_tokens":8}"#, expected(8, 0)),
        (
            #"{"input_tokens":1500,"input_tokens_details":{"cached_tokens":1000},"output_tokens":321,"output_tokens_details":{"reasoning_tokens":64},"total_tokens":1821}"#,
            expected(1_500, 321, cached: 1_000, reasoning: 64)
        ),
        (
            #"{"input_tokens":21,"cache_creation_input_tokens":188086,"cache_read_input_tokens":7,"cache_creation":{"ephemeral_5m_input_tokens":188086,"ephemeral_1h_input_tokens":0},"output_tokens":393,"service_tier":"standard"}"#,
            expected(188_114, 393, cached: 7, written: 188_086)
        ),
        (
            #"{"input_tokens":21,"cache_creation_input_tokens":null,"cache_read_input_tokens":null,"output_tokens":3}"#,
            expected(21, 3)
        ),
        (
            #"{"promptTokenCount":100,"cachedContentTokenCount":40,"candidatesTokenCount":10,"thoughtsTokenCount":5,"toolUsePromptTokenCount":3,"totalTokenCount":118,"promptTokensDetails":[{"modality":"TEXT","tokenCount":100}]}"#,
            expected(103, 15, cached: 40, reasoning: 5)
        ),
        (
            #"{"inputTokens":368,"outputTokens":19,"totalTokens":10923,"cacheReadInputTokens":10536}"#,
            expected(10_904, 19, cached: 10_536)
        ),
    ])
    func aProvidersObjectIsReadVerbatim(json: String, usage: Usage) throws {
        #expect(try Self.read(json) == usage)
    }

    @Test(arguments: [
        #"{"prompt_tokens":10,"completion_tokens":1,"prompt_tokens_details":{"cached_tokens":11}}"#,
        #"{"prompt_tokens":10,"completion_tokens":1,"completion_tokens_details":{"reasoning_tokens":2}}"#,
        #"{"prompt_tokens":10,"completion_tokens":5,"total_tokens":40,"completion_tokens_details":{"reasoning_tokens":6}}"#,
        #"{"input_tokens":10,"output_tokens":1,"cached_input_tokens":6,"cache_write_input_tokens":5}"#,
        #"{"promptTokenCount":10,"cachedContentTokenCount":11,"candidatesTokenCount":1,"toolUsePromptTokenCount":50}"#,
    ])
    func aPartLargerThanItsWholeIsInconsistent(json: String) {
        #expect { try Self.read(json) } throws: { ($0 as? JSONError)?.kind == .inconsistentUsage }
    }

    @Test(arguments: [
        #"{"prompt_tokens":null,"completion_tokens":null,"total_tokens":null}"#, #"{"input_tokens":null,"output_tokens":50}"#,
        #"{"input_tokens":null,"cache_read_input_tokens":null,"output_tokens":50}"#,
        #"{"promptTokenCount":null,"candidatesTokenCount":7}"#,
        #"{"input_tokens":10,"output_tokens":null}"#, #"{"input_tokens":10,"output_tokens":1,"cached_input_tokens":null}"#,
    ])
    func nothingIsNotZero(json: String) {
        #expect { try Self.read(json) } throws: { [.missingField, .invalid].contains(($0 as? JSONError)?.kind) }
    }

    @Test func aLiveAnswerCountsThoughItsUsualFieldIsNull() throws {
        #expect(try Self.read(#"{"promptTokenCount":10,"candidatesTokenCount":null,"responseTokenCount":7}"#).tokens == 17)
    }

    @Test func aWrongTotalChargesTheLargerAndSaysSo() throws {
        let more = try Self.read(#"{"prompt_tokens":10,"completion_tokens":5,"total_tokens":20}"#)
        #expect(more.tokens == 20 && more.inputTokens == 10 && more.totalMismatch)
        let less = try Self.read(#"{"prompt_tokens":10,"completion_tokens":5,"total_tokens":12}"#)
        #expect(less.tokens == 15 && less.totalMismatch)
    }

    @Test func theFormatNamedWinsOverTheFieldNames() throws {
        #expect(try Self.read(#"{"input_tokens":10,"output_tokens":5}"#, .anthropic) == Self.expected(10, 5))
        #expect { try Self.read(#"{"input_tokens":10,"output_tokens":5}"#, .gemini) } throws: {
            ($0 as? JSONError)?.pointer == "/usage/promptTokenCount"
        }
    }

    @Test func whatIsNobodysIsNotGuessedAt() throws {
        #expect { try Self.read(#"{"input_tokens":10,"output_tokens":5,"cached_tokens":5}"#) } throws: { error in
            (error as? JSONError)?.kind == .unknownField && (error as? JSONError)?.pointer == "/usage/cached_tokens"
        }
        #expect(try Self.read(#"{"input_tokens":10,"output_tokens":5,"service_tier":"standard"}"#).tokens == 15)
        #expect(try Self.read(#"{"input_tokens":10,"output_tokens":5,"total_tokens":15,"new":1}"#).tokens == 15)
    }

    @Test func anUnknownFieldOfAProviderIsKeptAndOneOfOursIsAnError() throws {
        #expect(try Self.read(#"{"prompt_tokens":1,"completion_tokens":2,"new_thing":{"a":[1]}}"#).tokens == 3)
        #expect { try Self.read(#"{"input_tokens":1,"output_tokens":2,"cache":3}"#, .tokenBudget) } throws: {
            ($0 as? JSONError)?.pointer == "/usage/cache"
        }
    }
}
