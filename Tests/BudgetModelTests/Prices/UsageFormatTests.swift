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

    /// Parts few requests have, in the order of ``Usage``.
    private static func parts(_ usage: Usage) -> [Int64] {
        [
            usage.cachedInputTokens, usage.cacheWriteInputTokens, usage.cacheWriteHourInputTokens, usage.audioInputTokens,
            usage.cachedAudioInputTokens, usage.imageInputTokens, usage.cachedImageInputTokens, usage.reasoningTokens,
            usage.audioOutputTokens, usage.imageOutputTokens,
        ]
    }

    @Test(
        arguments: [
            (
                #"{"input_tokens":100,"output_tokens":50,"cached_input_tokens":30,"cache_write_input_tokens":20,"cache_write_1h_input_tokens":10,"audio_input_tokens":40,"cached_audio_input_tokens":8,"image_input_tokens":9,"cached_image_input_tokens":7,"reasoning_tokens":6,"audio_output_tokens":5,"image_output_tokens":4}"#,
                [30, 20, 10, 40, 8, 9, 7, 6, 5, 4]
            ),
            (
                #"{"prompt_tokens":100,"completion_tokens":50,"prompt_tokens_details":{"cached_tokens":30,"cache_write_tokens":20,"audio_tokens":40,"image_tokens":9},"completion_tokens_details":{"reasoning_tokens":6,"audio_tokens":5,"image_tokens":4}}"#,
                [30, 20, 0, 40, 0, 9, 0, 6, 5, 4]
            ),
            (
                #"{"input_tokens":100,"output_tokens":50,"total_tokens":150,"input_token_details":{"cached_tokens":30,"audio_tokens":40,"image_tokens":9,"cached_tokens_details":{"text_tokens":15,"audio_tokens":8,"image_tokens":7}},"output_token_details":{"text_tokens":45,"audio_tokens":5}}"#,
                [30, 0, 0, 40, 8, 9, 7, 0, 5, 0]
            ),
            (
                #"{"input_tokens":100,"cache_creation_input_tokens":20,"cache_creation":{"ephemeral_5m_input_tokens":8,"ephemeral_1h_input_tokens":12},"output_tokens":50,"output_tokens_details":{"thinking_tokens":6}}"#,
                [0, 20, 12, 0, 0, 0, 0, 6, 0, 0]
            ),
            (
                #"{"promptTokenCount":100,"cachedContentTokenCount":30,"toolUsePromptTokenCount":10,"candidatesTokenCount":50,"thoughtsTokenCount":6,"promptTokensDetails":[{"modality":"TEXT","tokenCount":51},{"modality":"AUDIO","tokenCount":40},{"modality":"IMAGE","tokenCount":9}],"toolUsePromptTokensDetails":[{"modality":"AUDIO","tokenCount":1}],"cacheTokensDetails":[{"modality":"AUDIO","tokenCount":8},{"modality":"IMAGE","tokenCount":7}],"candidatesTokensDetails":[{"modality":"IMAGE","tokenCount":4},{"modality":"AUDIO","tokenCount":5}]}"#,
                [30, 0, 0, 41, 8, 9, 7, 6, 5, 4]
            ),
            (
                #"{"promptTokenCount":10,"responseTokenCount":7,"responseTokensDetails":[{"modality":"AUDIO","tokenCount":5}]}"#,
                [0, 0, 0, 0, 0, 0, 0, 0, 5, 0]
            ),
            (
                #"{"inputTokens":10,"outputTokens":5,"cacheReadInputTokens":30,"cacheWriteInputTokens":20,"cacheDetails":[{"ttl":"5m","inputTokens":8},{"ttl":"1h","inputTokens":12}]}"#,
                [30, 20, 12, 0, 0, 0, 0, 0, 0, 0]
            ),
        ] as [(String, [Int64])])
    func everyPartIsToldApart(json: String, parts: [Int64]) throws {
        let usage = try Self.read(json)
        #expect(Self.parts(usage) == parts && !usage.totalMismatch)
    }

    @Test(
        arguments: [
            (#"{"inputTokens":10,"outputTokens":5,"cacheWriteInputTokens":10,"cacheDetails":[{"ttl":"1h","inputTokens":12}]}"#, 27),
            (#"{"input_tokens":10,"output_tokens":5,"cache_creation":{"ephemeral_1h_input_tokens":12}}"#, 27),
            (
                #"{"input_tokens":10,"output_tokens":5,"cache_creation_input_tokens":12,"cache_creation":{"ephemeral_1h_input_tokens":1}}"#,
                27
            ),
        ] as [(String, Int64)])
    func writesThatDoNotAddUpAreChargedAtTheLargerFigure(json: String, tokens: Int64) throws {
        let usage = try Self.read(json)
        #expect(usage.tokens == tokens && usage.totalMismatch)
    }

    @Test(arguments: [
        #"{"prompt_tokens":10,"completion_tokens":1,"prompt_tokens_details":{"cached_tokens":11}}"#,
        #"{"prompt_tokens":10,"completion_tokens":1,"prompt_tokens_details":{"audio_tokens":6,"image_tokens":5}}"#,
        #"{"prompt_tokens":10,"completion_tokens":9,"completion_tokens_details":{"reasoning_tokens":5,"audio_tokens":5}}"#,
        #"{"prompt_tokens":10,"completion_tokens":9,"prompt_tokens_details":{"cached_tokens":1,"cached_tokens_details":{"audio_tokens":2}}}"#,
        #"{"input_tokens":10,"output_tokens":1,"cache_write_1h_input_tokens":5}"#,
        #"{"input_tokens":10,"output_tokens":1,"cached_input_tokens":5,"audio_input_tokens":3,"cached_audio_input_tokens":4}"#,
        #"{"input_tokens":10,"output_tokens":1,"cached_input_tokens":5,"image_input_tokens":3,"cached_image_input_tokens":4}"#,
        #"{"input_tokens":9007199254740991,"output_tokens":0,"audio_input_tokens":9007199254740991,"image_input_tokens":9007199254740991}"#,
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
