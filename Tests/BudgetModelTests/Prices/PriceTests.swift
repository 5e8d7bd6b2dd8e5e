import BudgetModel
import Testing

@Suite struct PriceTests {
    private static let catalogue = try! PriceCatalogue(
        yaml: """
            aliases: {best: gpt-4o}
            prices:
              gpt-4o: {input: 2.50, cached_input: 1.25, cache_write: 2.50, output: 10.00, batch: {input: 1.25, output: 5.00}}
              gemini-2.5-pro: {input: 1.25, output: 10.00, above: {200000: {input: 2.50, output: 15.00}}, batch: {input: 0.625}}
              gpt-4o-mini: {input: 0.15, output: 0.60}
              nano: {input: 0.0025, output: 0.0035}
              "ft:gpt-4o": {input: 3.75, output: 15}
              "ft:nano-2026-01-31": {input: 1}
            """, file: "test")

    private static func cost(_ model: Identifier, _ usage: Usage, _ priceClass: PriceClass = .standard) -> String? {
        microcents(model, usage, priceClass).map(Money.dollars)
    }

    private static func microcents(_ model: Identifier, _ usage: Usage, _ priceClass: PriceClass = .standard) -> Int64? {
        catalogue.price(of: catalogue.canonical(model))?.resolved(priceClass, input: usage.inputTokens).cost(of: usage)
    }

    @Test func cachedInputIsChargedAtItsOwnRate() {
        var usage = Usage(inputTokens: 1_500, outputTokens: 321)
        usage.cachedInputTokens = 1_000
        #expect(Self.cost("gpt-4o", usage) == "0.00571")
    }

    @Test func aClassWithoutARateHasTheStandardOne() {
        var usage = Usage(inputTokens: 1_000_000, outputTokens: 0)
        usage.cachedInputTokens = 1_000_000
        #expect(Self.cost("gpt-4o", usage, .batch) == "1.25")
        #expect(Self.cost("gpt-4o", Usage(inputTokens: 1_000_000, outputTokens: 1_000_000), .flex) == "12.5")
    }

    @Test func aLongPromptIsPricedWholeAtItsStep() {
        #expect(Self.cost("gemini-2.5-pro", Usage(inputTokens: 200_000, outputTokens: 1_000)) == "0.26")
        #expect(Self.cost("gemini-2.5-pro", Usage(inputTokens: 200_001, outputTokens: 1_000)) == "0.5150025")
        // A class's own rate wins; what it does not name is the standard rate of the step.
        #expect(Self.cost("gemini-2.5-pro", Usage(inputTokens: 300_000, outputTokens: 1_000), .batch) == "0.2025")
    }

    @Test func aRateThatAStepLeavesOutIsThatOfTheStepBelow() throws {
        let stepped = try PriceCatalogue(
            yaml: "prices: {g: {input: 1, output: 1, above: {10: {input: 2, output: 20}, 20: {input: 4}}, batch: {input: 0.5}}}",
            file: "test")
        let price = try #require(stepped.models["g"])
        #expect(price.resolved(.standard, input: 30).cost(of: Usage(inputTokens: 30, outputTokens: 10)) == 32_000)
        #expect(price.resolved(.batch, input: 5).cost(of: Usage(inputTokens: 0, outputTokens: 40)) == 4_000)
    }

    @Test func aCostIsRoundedUpOncePerRequest() {
        #expect(Self.cost("nano", Usage(inputTokens: 1, outputTokens: 0)) == "0.00000001")
        #expect(Self.cost("nano", Usage(inputTokens: 4, outputTokens: 0)) == "0.00000001")
        #expect(Self.cost("nano", Usage(inputTokens: 4, outputTokens: 1)) == "0.00000002")
    }

    @Test(
        arguments: [
            ("gpt-4o", "gpt-4o"), ("best", "gpt-4o"), ("gpt-4o-2024-11-20", "gpt-4o"), ("gpt-4o-20241120", "gpt-4o"),
            ("best-2024-11-20", "gpt-4o"), ("gpt-4o-2024-11", "gpt-4o-2024-11"), ("mystery", "mystery"), ("-20241120", "-20241120"),
            ("ft:nano-2026-01-31:my-org::abc123", "ft:nano-2026-01-31"), ("ft:gpt-4o:org:name:id", "ft:gpt-4o"),
            ("ft:gpt-4o-2024-11-20:org::id", "ft:gpt-4o"), ("ft:gpt-4o-2024-11-20", "ft:gpt-4o"),
            ("ft:gpt-4o-mini:org::id", "ft:gpt-4o-mini:org::id"), ("ft::x", "ft::x"), ("ft:", "ft:"),
        ] as [(Identifier, Identifier)])
    func aModelIsFoundExactlyThenByAliasThenWithoutItsDateThenAsWhatItWasTunedFrom(asked: Identifier, canonical: Identifier) {
        #expect(Self.catalogue.canonical(asked) == canonical)
    }

    @Test func anUnknownModelHasNoPriceUnlessPolicySaysWhich() {
        #expect(Self.catalogue.price(of: "mystery") == nil)
        var lenient = Self.catalogue
        lenient.unpriced = .priceAs("gpt-4o")
        #expect(lenient.price(of: "mystery") == lenient.models["gpt-4o"])
    }

    @Test func aCostBeyondTheLargestAmountIsNone() {
        #expect(Self.cost("gpt-4o", Usage(inputTokens: Amount.maximum, outputTokens: 0)) == nil)
    }

    /// 500,000 sessions of 8 messages with 350 input and 200 output tokens.
    @Test func aKnownMonthCostsWhatItMust() {
        let messages: Int64 = 500_000 * 8
        let message = Usage(inputTokens: 350, outputTokens: 200)
        #expect(Self.microcents("gpt-4o", message).map { Money.dollars($0 * messages) } == "11500")
        #expect(Self.microcents("gpt-4o-mini", message).map { Money.dollars($0 * messages) } == "690")
    }
}
