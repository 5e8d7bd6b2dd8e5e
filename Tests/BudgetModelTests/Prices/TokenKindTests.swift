import BudgetModel
import Testing

/// Kinds of token: what each costs, what an absent rate falls back to, and that none is charged twice.
@Suite struct TokenKindTests {
    /// Rates so far apart that the digits of a cost tell what was charged.
    private static let everything = """
        {input: 1, cached_input: 10, cache_write: 100, cache_write_1h: 1000, audio_input: 10000, cached_audio_input: 20000,
        image_input: 30000, cached_image_input: 40000, output: 2, reasoning: 50000, audio_output: 60000, image_output: 70000}
        """

    private static func price(_ rates: String) throws -> ModelPrice {
        try #require(try PriceCatalogue(yaml: "prices: {m: \(rates)}", file: "test").models["m"])
    }

    private static func dollars(_ rates: String, _ usage: Usage, _ priceClass: PriceClass = .standard) throws -> String? {
        try price(rates).resolved(priceClass, input: usage.inputTokens).cost(of: usage).map(Money.dollars)
    }

    private static func usage(_ input: Int64, _ output: Int64, _ parts: (inout Usage) -> Void) -> Usage {
        var usage = Usage(inputTokens: input * 1_000_000, outputTokens: output * 1_000_000)
        parts(&usage)
        return usage
    }

    private static let million: Int64 = 1_000_000

    @Test func everyKindHasARateOfItsOwn() throws {
        let usage = Self.usage(8, 4) { usage in
            usage.cachedInputTokens = 3 * Self.million
            usage.cacheWriteInputTokens = 2 * Self.million
            usage.cacheWriteHourInputTokens = Self.million
            (usage.audioInputTokens, usage.cachedAudioInputTokens) = (2 * Self.million, Self.million)
            (usage.imageInputTokens, usage.cachedImageInputTokens) = (2 * Self.million, Self.million)
            usage.reasoningTokens = Self.million
            (usage.audioOutputTokens, usage.imageOutputTokens) = (Self.million, Self.million)
        }
        // Input: 1 + 10 + 100 + 1,000 + 10,000 + 20,000 + 30,000 + 40,000; output: 2 + 50,000 + 60,000 + 70,000.
        #expect(try Self.dollars(Self.everything, usage) == "281113")
    }

    @Test(arguments: [
        ("{input: 1}", "14"),
        // 6 x 1 of input and reads, 2 x 5 of writes, 4 x 1 of output, and twice 1 of audio and images.
        ("{input: 1, cache_write: 5}", "22"),
        ("{input: 1, cache_write: 5, cache_write_1h: 8}", "25"),
        ("{input: 1, output: 3}", "22"),
        ("{input: 1, cached_input: 0.5}", "12.5"),
        // A cache of audio is cheaper only where somebody says so.
        ("{input: 1, cached_input: 0.5, audio_input: 9}", "29"),
        ("{input: 1, cached_input: 0.5, audio_input: 9, cached_audio_input: 4}", "24"),
    ])
    func anAbsentRateIsThatOfTheNextMoreGeneralKind(rates: String, dollars: String) throws {
        let usage = Self.usage(10, 4) { usage in
            usage.cachedInputTokens = 3 * Self.million
            (usage.cacheWriteInputTokens, usage.cacheWriteHourInputTokens) = (2 * Self.million, Self.million)
            (usage.audioInputTokens, usage.cachedAudioInputTokens) = (2 * Self.million, Self.million)
            (usage.imageInputTokens, usage.cachedImageInputTokens) = (2 * Self.million, Self.million)
            (usage.reasoningTokens, usage.audioOutputTokens, usage.imageOutputTokens) = (Self.million, Self.million, Self.million)
        }
        #expect(try Self.dollars(rates, usage) == dollars)
    }

    @Test func whatIsCachedAndAudioIsChargedOnceThoughNobodyTellsWhich() throws {
        let usage = Self.usage(2, 0) { usage in
            usage.cachedInputTokens = Self.million
            usage.audioInputTokens = 2 * Self.million
        }
        #expect(try Self.dollars("{input: 1, cached_input: 0.5, audio_input: 9}", usage) == "9.5")
    }

    @Test func aClassTakesWhatItLeavesOutFromTheStandardOneKindByKind() throws {
        let rates = "{input: 2, output: 8, reasoning: 10, cache_write_1h: 6, batch: {input: 1, output: 4}}"
        let thinking = Self.usage(0, 2) { $0.reasoningTokens = Self.million }
        #expect(try Self.dollars(rates, thinking, .batch) == "14")
        let writing = Self.usage(2, 0) { $0.cacheWriteInputTokens = 2 * Self.million }
        #expect(try Self.dollars(rates, writing, .batch) == "2")
    }

    @Test func aRequestMayHaveAPriceOfItsOwn() throws {
        let rates = "{input: 0, output: 2.80, per_request: 0.005}"
        #expect(try Self.dollars(rates, Usage(inputTokens: 1_000, outputTokens: 500)) == "0.0064")
        #expect(try Self.price(rates).resolved(.standard, input: 9).line(input: 9).cost(output: 500) == 640_000)
    }

    @Test func anEstimateTakesOutputForReasoningWhereThatIsDearer() throws {
        #expect(
            try Self.price("{input: 1, output: 2, reasoning: 5}").resolved(.standard, input: 0).line(input: 0).perOutput
                == 5_000_000_000)
        #expect(
            try Self.price("{input: 1, output: 8, reasoning: 3}").resolved(.standard, input: 0).line(input: 0).perOutput
                == 8_000_000_000)
    }

    /// Two reports that differ in one part only must not pass for the same commit.
    @Test func everyPartIsInACommitsFingerprint() {
        func print(_ change: (inout Usage) -> Void) -> [UInt8] {
            var usage = Usage(inputTokens: 100, outputTokens: 100)
            change(&usage)
            var commit = CommitRequest(reservation: "r")
            commit.usage = usage
            return commit.fingerprint
        }
        let all: [[UInt8]] = [
            print { _ in }, print { $0.cachedInputTokens = 1 }, print { $0.cacheWriteInputTokens = 1 },
            print { $0.cacheWriteHourInputTokens = 1 }, print { $0.audioInputTokens = 1 }, print { $0.cachedAudioInputTokens = 1 },
            print { $0.imageInputTokens = 1 }, print { $0.cachedImageInputTokens = 1 }, print { $0.reasoningTokens = 1 },
            print { $0.audioOutputTokens = 1 }, print { $0.imageOutputTokens = 1 },
        ]
        #expect(Set(all).count == all.count)
    }
}
