import BudgetModel
import Testing

/// What real requests to real models cost, worked out by hand in USD per million tokens, from a provider's report to the charge.
@Suite struct GoldenPriceTests {
    private static let catalogue = try! CatalogueImport(liteLLM: Array(CatalogueExcerpt.text.utf8)).catalogue

    struct Bill: Sendable, CustomTestStringConvertible {
        let model: Identifier
        let priceClass: PriceClass
        let usage: String
        let dollars: String
        var testDescription: String { "\(model) \(priceClass) \(dollars)" }

        init(_ model: Identifier, _ priceClass: PriceClass, _ usage: String, _ dollars: String) {
            self.model = model
            self.priceClass = priceClass
            self.usage = usage
            self.dollars = dollars
        }

        init(_ model: Identifier, _ usage: String, _ dollars: String) { self.init(model, .standard, usage, dollars) }
    }

    private static let audioChat = """
        {"prompt_tokens":1000,"completion_tokens":600,"total_tokens":1600,"prompt_tokens_details":{"audio_tokens":800,"cached_tokens":0},
        "completion_tokens_details":{"audio_tokens":500,"reasoning_tokens":0}}
        """
    private static let reasoning = """
        {"input_tokens":5000,"input_tokens_details":{"cached_tokens":2000},"output_tokens":12000,
        "output_tokens_details":{"reasoning_tokens":10000},"total_tokens":17000}
        """
    private static let longGemini = """
        {"promptTokenCount":250000,"cachedContentTokenCount":100000,"candidatesTokenCount":500,"thoughtsTokenCount":1500,
        "totalTokenCount":252000}
        """
    private static let audioGemini = """
        {"promptTokenCount":5000,"cachedContentTokenCount":1000,"candidatesTokenCount":400,"totalTokenCount":5400,
        "promptTokensDetails":[{"modality":"TEXT","tokenCount":2000},{"modality":"AUDIO","tokenCount":3000}],
        "cacheTokensDetails":[{"modality":"TEXT","tokenCount":400},{"modality":"AUDIO","tokenCount":600}]}
        """

    @Test(arguments: [
        // 500 x 2.5 + 1000 x 1.25 + 321 x 10 = 5,710
        Bill("gpt-4o", #"{"input_tokens":1500,"output_tokens":321,"cached_input_tokens":1000}"#, "0.00571"),
        // 500 x 4.25 + 1000 x 2.125 + 321 x 17 = 9,707
        Bill("gpt-4o", .priority, #"{"input_tokens":1500,"output_tokens":321,"cached_input_tokens":1000}"#, "0.009707"),
        // 10,000 x 0.075 + 2,000 x 0.3 = 1,350
        Bill("gpt-4o-mini-2024-07-18", .batch, #"{"prompt_tokens":10000,"completion_tokens":2000}"#, "0.00135"),
        // 3,000 x 2 + 2,000 x 0.5 + 12,000 x 8 = 103,000: reasoning is output, once
        Bill("o3", reasoning, "0.103"),
        // 3,000 x 1 + 2,000 x 0.25 + 12,000 x 4 = 51,500
        Bill("o3", .flex, reasoning, "0.0515"),
        // 3,000 x 3.5 + 2,000 x 0.875 + 12,000 x 14 = 180,250
        Bill("o3", .priority, reasoning, "0.18025"),
        // 200 x 2.5 + 800 x 40 + 100 x 10 + 500 x 80 = 73,500
        Bill("gpt-4o-audio-preview-2024-12-17", audioChat, "0.0735"),
        // 8,191 x 0.02 = 163.82
        Bill("text-embedding-3-small", #"{"prompt_tokens":8191,"total_tokens":8191}"#, "0.00016382"),
    ])
    func openAI(_ bill: Bill) throws { try check(bill) }

    /// An Anthropic report of 1,000 plain tokens, 800 of output, and what was read from and written to the cache.
    private static func cached(read: Int, minutes: Int, hour: Int) -> String {
        """
        {"input_tokens":1000,"cache_read_input_tokens":\(read),"cache_creation_input_tokens":\(minutes + hour),
        "cache_creation":{"ephemeral_5m_input_tokens":\(minutes),"ephemeral_1h_input_tokens":\(hour)},"output_tokens":800}
        """
    }

    @Test(arguments: [
        // 1,000 x 3 + 50,000 x 0.3 + 4,000 x 3.75 + 2,000 x 6 + 800 x 15 = 57,000
        Bill("claude-sonnet-4-5-20250929", cached(read: 50_000, minutes: 4_000, hour: 2_000), "0.057"),
        // 1,000 x 1.5 + 4,000 x 1.875 + 2,000 x 3 + 800 x 7.5 = 21,000: a write for an hour is 1.6 of one for minutes in a batch, too
        Bill("claude-sonnet-4-5", .batch, cached(read: 0, minutes: 4_000, hour: 2_000), "0.021"),
        // 201,000 in all. 1,000 x 6 + 190,000 x 0.6 + 6,000 x 7.5 + 4,000 x 12 + 800 x 22.5 = 231,000
        Bill("anthropic.claude-sonnet-4-5-20250929-v1:0", cached(read: 190_000, minutes: 6_000, hour: 4_000), "0.231"),
        // 250,000 x 3 + 1,000 x 11.25 = 761,250: half of the long prompt's price, not half of the short one's
        Bill("anthropic.claude-sonnet-4-5-20250929-v1:0", .batch, #"{"inputTokens":250000,"outputTokens":1000}"#, "0.76125"),
        // 368 x 3 + 10,536 x 0.3 + 19 x 15 = 4,549.8
        Bill(
            "anthropic.claude-3-5-sonnet-20241022-v2:0",
            #"{"inputTokens":368,"outputTokens":19,"totalTokens":10923,"cacheReadInputTokens":10536}"#, "0.0045498"),
        // 100 x 3 + 600 x 3.75 + 400 x 6 + 10 x 15 = 5,100
        Bill(
            "anthropic.claude-sonnet-4-5-20250929-v1:0",
            #"{"inputTokens":100,"outputTokens":10,"cacheWriteInputTokens":1000,"cacheDetails":[{"ttl":"5m","inputTokens":600},{"ttl":"1h","inputTokens":400}]}"#,
            "0.0051"),
    ])
    func claude(_ bill: Bill) throws { try check(bill) }

    @Test(arguments: [
        // 150,000 x 2.5 + 100,000 x 0.25 + 2,000 x 15 = 430,000
        Bill("gemini-2.5-pro", longGemini, "0.43"),
        // 150,000 x 4.5 + 100,000 x 0.45 + 2,000 x 27 = 774,000
        Bill("gemini-2.5-pro", .priority, longGemini, "0.774"),
        // 150,000 x 1.25 + 100,000 x 0.25 + 2,000 x 7.5 = 227,500
        Bill("gemini-2.5-pro", .flex, longGemini, "0.2275"),
        // 1,600 x 0.3 + 2,400 x 1 + 400 x 0.03 + 600 x 0.1 + 400 x 2.5 = 3,952
        Bill("gemini-2.5-flash", audioGemini, "0.003952"),
        // 1,600 x 0.15 + 2,400 x 0.5 + 400 x 0.03 + 600 x 0.1 + 400 x 1.25 = 2,012
        Bill("gemini-2.5-flash", .batch, audioGemini, "0.002012"),
        // The same: in flex the catalogue has no rate for audio, and text costs half.
        Bill("gemini-2.5-flash", .flex, audioGemini, "0.002012"),
    ])
    func gemini(_ bill: Bill) throws { try check(bill) }

    @Test(arguments: [
        // 2,000 x 0.28 + 10,000 x 0.028 + 3,000 x 0.42 = 2,100
        Bill("deepseek-chat", #"{"prompt_tokens":12000,"completion_tokens":3000,"prompt_cache_hit_tokens":10000}"#, "0.0021"),
        // 1,000 x 0.3 + 1,000 x 0.15 + 500 x 1.2 = 1,050
        Bill(
            "ft:gpt-4o-mini-2024-07-18:my-org::abc123", #"{"input_tokens":2000,"output_tokens":500,"cached_input_tokens":1000}"#,
            "0.00105"),
        // 100,000 x 0.4 + 1,000 x 1.2 + 2,000 x 4 = 49,200
        Bill(
            "dashscope/qwen-plus-2025-07-28", #"{"input_tokens":100000,"output_tokens":3000,"reasoning_tokens":2000}"#, "0.0492"),
        // 300,000 x 1.2 + 1,000 x 3.6 + 2,000 x 12 = 387,600
        Bill(
            "dashscope/qwen-plus-2025-07-28", #"{"input_tokens":300000,"output_tokens":3000,"reasoning_tokens":2000}"#, "0.3876"),
        // 5,000 for the request + 500 x 2.8 = 6,400
        Bill("perplexity/pplx-70b-online", #"{"prompt_tokens":1000,"completion_tokens":500}"#, "0.0064"),
        // 50 x 5 + 250 x 10 + 1,056 x 40 = 44,990
        Bill(
            "gpt-image-1",
            #"{"input_tokens":300,"input_tokens_details":{"image_tokens":250,"text_tokens":50},"output_tokens":1056,"total_tokens":1356}"#,
            "0.04499"),
        // 1,000 x 2.999990001 (rounded up from 2.9999900000000002) + 100 x 15.000020001 = 4,499.9920011
        Bill("databricks/databricks-claude-sonnet-4", #"{"prompt_tokens":1000,"completion_tokens":100}"#, "0.0045"),
    ])
    func others(_ bill: Bill) throws { try check(bill) }

    private func check(_ bill: Bill) throws {
        let value = try JSONValue(parsing: bill.usage.utf8)
        let usage = try Usage(value, format: .detect(value), pointer: "")
        let price = try #require(Self.catalogue.price(of: Self.catalogue.canonical(bill.model)))
        let cost = try #require(price.resolved(bill.priceClass, input: usage.inputTokens).cost(of: usage))
        #expect(Money.dollars(cost) == bill.dollars)
    }
}
