import BudgetModel
import Testing

@Suite struct PolicyPriceTests {
    @Test(arguments: [
        Refusal("prices: {m: {output: 1}}", path: "prices.m", says: "has no input"),
        Refusal("prices: {m: {input: 1, cached: 1}}", path: "prices.m.cached", says: "unknown field \"cached\""),
        Refusal("prices: {\"m-2.5\": {input: -1}}", path: "prices[\"m-2.5\"].input", says: "is negative"),
        Refusal("prices: {m: {input: \"1\"}}", path: "prices.m.input", says: "without quotes"),
        Refusal("prices: {m: {input: 1000001}}", path: "prices.m.input", says: "write at most 1000000"),
        Refusal("prices: {m: {input: 0.0000000001}}", path: "prices.m.input", says: "write at most 9 decimal places"),
        Refusal("prices: {m: {input: 1, per_request: 1001}}", path: "prices.m.per_request", says: "write at most 1000"),
        Refusal("prices: {m: {input: 1, per_request: 1e-16}}", path: "prices.m.per_request", says: "write at most 15 decimal places"),
        Refusal("prices: {m: {input: 1, batch: 1}}", path: "prices.m.batch", says: "write a mapping of rates"),
        Refusal(
            "prices: {m: {input: 1, batch: {max_output_tokens: 1}}}", path: "prices.m.batch.max_output_tokens", says: "unknown"),
        Refusal("prices: {m: {input: 1, above: {many: {input: 1}}}}", path: "prices.m.above.many", says: "such as 200000"),
        Refusal("prices: {m: {input: 1, above: {0: {input: 1}}}}", path: "prices.m.above.0", says: "is too small"),
        Refusal("prices: {m: {input: 1, above: {5: {above: {}}}}}", path: "prices.m.above.5.above", says: "unknown field"),
        Refusal("prices: {m: {input: 1, max_output_tokens: 1.5}}", path: "prices.m.max_output_tokens", says: "no whole number"),
        Refusal("prices: {m: {input: 1}}\naliases: {a: n}", line: 2, path: "aliases.a", says: "did you mean \"m\"?"),
        Refusal("prices: {m: {input: 1}}\naliases: {b: m, a: b}", line: 2, path: "aliases.a", says: "unknown model \"b\""),
        Refusal("prices: {m: {input: 1}}\naliases: {m: m}", line: 2, path: "aliases.m", says: "a price of its own"),
        Refusal("unpriced_models: free", path: "unpriced_models", says: "write reject or {price_as: MODEL}"),
        Refusal("unpriced_models: {price_as: m}", path: "unpriced_models.price_as", says: "give it a price under prices"),
        Refusal("unpriced_models: {price: m}", path: "unpriced_models.price", says: "unknown field"),
    ])
    func pricesAreRefused(_ refusal: Refusal) { refusal.check() }

    private static let catalogue = """
        unpriced_models: {price_as: latest}
        aliases: {latest: m, "über \\u2028x": m}
        prices:
          m: {input: 2.50, cached_input: 0.000000001, output: 1e1, batch: {output: 5}, flex: {}, max_output_tokens: 16384}
          all: {input: 1, cached_input: 2, cache_write: 3, cache_write_1h: 4, audio_input: 5, cached_audio_input: 6, image_input: 7,
            cached_image_input: 8, output: 9, reasoning: 10, audio_output: 11, image_output: 12, per_request: 0.000000000000001}
          'a "quoted\\" name': {input: 0, above: {200000: {input: 2, output: 3}, "9": {cache_write: 1000000}}}
        """

    @Test func ratesAreExact() throws {
        let catalogue = try PriceCatalogue(yaml: Self.catalogue, file: "prices")
        let model = try #require(catalogue.models["m"])
        #expect(model.standard.base.input == 2_500_000_000)
        #expect(model.standard.base.cachedInput == 1)
        #expect(model.standard.base.output == 10_000_000_000)
        #expect(model.classes[.batch]?.base.output == 5_000_000_000)
        #expect(model.maximumOutput == 16_384)
        #expect(catalogue.models["a \"quoted\\\" name"]?.standard.above.map(\.threshold) == [9, 200_000])
        #expect(catalogue.unpriced == .priceAs("m"))
    }

    @Test func everyKindOfTokenHasAName() throws {
        let base = try #require(try PriceCatalogue(yaml: Self.catalogue, file: "prices").models["all"]).standard.base
        let rates = [
            base.input, base.cachedInput, base.cacheWrite, base.cacheWriteHour, base.audioInput, base.cachedAudioInput,
            base.imageInput, base.cachedImageInput, base.output, base.reasoning, base.audioOutput, base.imageOutput,
        ]
        #expect(rates == (1...12).map { $0 * 1_000_000_000 })
        #expect(base.perRequest == 1)
    }

    @Test func canonicalTextIsReadBackEqual() throws {
        let catalogue = try PriceCatalogue(yaml: Self.catalogue, file: "prices")
        let again = try PriceCatalogue(yaml: catalogue.canonicalText, file: "prices")
        #expect(again == catalogue)
        #expect(try PriceCatalogue(stored: Array(catalogue.canonicalText.utf8)) == catalogue)
        #expect(again.canonicalText == catalogue.canonicalText)
    }

    @Test func canonicalTextIsSortedAndBare() throws {
        let catalogue = try PriceCatalogue(
            yaml: "prices: {n: {output: 10.0, input: 2.50}, m: {input: 0}}\naliases: {x: n}\nunpriced_models: reject", file: "prices")
        #expect(
            catalogue.canonicalText
                == #"{"aliases":{"x":"n"},"prices":{"m":{"input":0},"n":{"input":2.5,"output":10}},"unpriced_models":"reject"}"#)
    }

    @Test func aCatalogueHasNoOtherSections() {
        #expect {
            _ = try PriceCatalogue(yaml: "prices: {}\ntiers: {}", file: "prices")
        } throws: {
            "\($0)" == "prices:2:1: tiers: unknown field \"tiers\"; write prices, aliases or unpriced_models"
        }
    }
}
