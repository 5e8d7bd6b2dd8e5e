import BudgetModel
import Testing

/// LiteLLM's catalogue: what is taken, what is not, and that nothing is dropped without a word.
@Suite struct CatalogueImportTests {
    private static func imported(_ text: String) throws -> CatalogueImport { try CatalogueImport(liteLLM: Array(text.utf8)) }

    private static func entry(_ fields: String) throws -> CatalogueImport { try imported(#"{"m":{\#(fields)}}"#) }

    private static func rates(_ fields: String, _ priceClass: PriceClass = .standard, input: Int64 = 0) throws -> ResolvedRates {
        try #require(try entry(fields).catalogue.models["m"]).resolved(priceClass, input: input)
    }

    @Test func everyEntryIsTakenOrAccountedFor() throws {
        let imported = try Self.imported(CatalogueExcerpt.text)
        let report = imported.report
        #expect(report.taken == 17 && imported.catalogue.models.count == 17)
        let skipped = report.skipped.mapValues(\.first)
        #expect(
            skipped == [
                .notAModel: ["sample_spec", "fallback_generalizations"],
                .zeroPrice: ["azure_ai/model_router: output costs nothing", "fireworks-ai-default"],
                .noInputPrice: ["twelvelabs.pegasus-1-2-v1:0"], .otherUnit: ["whisper-1", "exa_ai/search"],
                .noTokenPrice: ["dashscope/qwen3-30b-a3b"],
            ])
        #expect(report.rounded.first == ["databricks/databricks-claude-sonnet-4"])
        #expect(
            report.derived.first == [
                "claude-sonnet-4-5", "anthropic.claude-sonnet-4-5-20250929-v1:0", "gemini-2.5-pro", "gemini-2.5-flash",
            ])
        #expect(report.pricesPassedOver.counts == ["search_context_cost_per_query": 1, "input_dbu_cost_per_token": 1])
        #expect(report.fieldsPassedOver.counts == [:])
    }

    @Test func itsCanonicalTextIsReadBackEqual() throws {
        let catalogue = try Self.imported(CatalogueExcerpt.text).catalogue
        #expect(try PriceCatalogue(yaml: catalogue.canonicalText, file: "prices") == catalogue)
        #expect(try PriceCatalogue(stored: Array(catalogue.canonicalText.utf8)) == catalogue)
    }

    @Test(
        arguments: [
            ("128k", 128_000), ("200k", 200_000), ("256k", 256_000), ("272k", 272_000), ("512k", 512_000),
        ] as [(String, Int64)])
    func aThresholdIsThousandsOfTokens(text: String, tokens: Int64) throws {
        let fields = #""input_cost_per_token":1e-6,"output_cost_per_token":1e-6,"input_cost_per_token_above_\#(text)_tokens":2e-6"#
        #expect(try Self.rates(fields, input: tokens).input == 1_000_000_000)
        #expect(try Self.rates(fields, input: tokens + 1).input == 2_000_000_000)
    }

    @Test func aClassStandsBehindAThreshold() throws {
        let fields = """
            "input_cost_per_token":1e-6,"output_cost_per_token":1e-6,"input_cost_per_token_batches":3e-7,
            "input_cost_per_token_above_200k_tokens":2e-6,"input_cost_per_token_above_200k_tokens_flex":7e-7,
            "cache_creation_input_token_cost_above_1hr_above_200k_tokens":9e-6
            """
        #expect(try Self.rates(fields, .batch).input == 300_000_000)
        #expect(try Self.rates(fields, .flex).input == 1_000_000_000)
        #expect(try Self.rates(fields, .flex, input: 200_001).input == 700_000_000)
        #expect(try Self.rates(fields, input: 200_000).cacheWriteHour == 1_000_000_000)
        #expect(try Self.rates(fields, input: 200_001).cacheWriteHour == 9_000_000_000)
    }

    @Test func aClassWithoutAStepHasItInProportionRoundedUp() throws {
        let fields = """
            "input_cost_per_token":3e-15,"output_cost_per_token":1e-6,"input_cost_per_token_batches":1e-15,
            "input_cost_per_token_above_200k_tokens":4e-15,"input_cost_per_token_priority":6e-15
            """
        #expect(try Self.rates(fields, .batch, input: 200_001).input == 2)
        #expect(try Self.rates(fields, .priority, input: 200_001).input == 8)
    }

    @Test func whatFollowsFromNothingIsNotDerived() throws {
        let fields = """
            "input_cost_per_token":1e-6,"output_cost_per_token":1e-6,"input_cost_per_token_above_200k_tokens":2e-6,
            "output_cost_per_token_above_200k_tokens_flex":7e-7
            """
        let imported = try Self.entry(fields)
        #expect(imported.report.derived.count == 0)
        #expect(imported.catalogue.models["m"]?.classes[.flex]?.above.count == 1)
    }

    @Test func numbersAreReadAsDecimalsAndRoundedUp() throws {
        let imported = try Self.entry(#""input_cost_per_token":1.25E-06,"output_cost_per_token":0.00000000000000049"#)
        let base = try #require(imported.catalogue.models["m"]).standard.base
        #expect(base.input == 1_250_000_000 && base.output == 1)
        #expect(imported.report.rounded.first == ["m"])
    }

    @Test func anOlderNameOfTheCachesPriceCountsWhereTheNewOneIsAbsent() throws {
        let older = #""input_cost_per_token":1e-6,"output_cost_per_token":1e-6,"input_cost_per_token_cache_hit":1e-7"#
        #expect(try Self.rates(older).cachedInput == 100_000_000)
        #expect(try Self.rates(older + #","cache_read_input_token_cost":2e-7"#).cachedInput == 200_000_000)
    }

    @Test func theLongestAnswerIsTheModelsOwnElseTheLegacyFigure() throws {
        let prices = #""input_cost_per_token":1e-6,"output_cost_per_token":1e-6,"#
        func longest(_ fields: String) throws -> Int64? { try Self.entry(prices + fields).catalogue.models["m"]?.maximumOutput }
        #expect(try longest(#""max_output_tokens":10,"max_tokens":20"#) == 10)
        #expect(try longest(#""max_tokens":20"#) == 20)
        #expect(try longest(#""max_output_tokens":0"#) == nil)
        #expect(try longest(#""max_tokens":8191,"mode":"embedding""#) == 0)
    }

    @Test(arguments: [
        (#""input_cost_per_token":0,"output_cost_per_token":1e-6,"mode":"chat""#, false),
        (#""input_cost_per_token":1e-6,"output_cost_per_token":0,"mode":"responses""#, false),
        (#""input_cost_per_token":0,"output_cost_per_token":0,"mode":"embedding""#, false),
        (#""input_cost_per_token":0,"output_cost_per_token":0,"mode":"moderation""#, true),
        (#""input_cost_per_token":1e-6,"output_cost_per_token":0,"mode":"embedding""#, true),
        (#""input_cost_per_token":0,"output_cost_per_token":0,"mode":"chat","input_cost_per_request":0.01"#, true),
        (#""input_cost_per_token":1e-6,"output_cost_per_token":0,"output_cost_per_audio_token":1e-6,"mode":"realtime""#, true),
    ])
    func whatMayBeAGapIsNotTakenForFree(fields: String, isTaken: Bool) throws {
        let imported = try Self.entry(fields)
        #expect(imported.report.taken == (isTaken ? 1 : 0))
        #expect(imported.report.skipped[.zeroPrice]?.count == (isTaken ? nil : 1))
    }

    @Test(arguments: [
        (#""input_cost_per_token":"1e-6""#, "m: input_cost_per_token is no price"),
        (#""input_cost_per_token":-1e-6"#, "m: input_cost_per_token is no price"),
        (#""input_cost_per_token":1e-6,"output_cost_per_token":2"#, "m: output_cost_per_token is no price"),
        (#""input_cost_per_token":1e-6,"input_cost_per_request":1001"#, "m: input_cost_per_request is no price"),
        (#""tiered_pricing":5"#, "m: tiered_pricing is no list"),
        (#""tiered_pricing":[{"range":["0",1],"input_cost_per_token":1e-6}]"#, "m: a tier has no range"),
    ])
    func aMalformedEntryIsNamedWithWhatIsWrong(fields: String, problem: String) throws {
        let imported = try Self.entry(fields)
        #expect(imported.report.skipped[.malformed]?.first == [problem])
        #expect(imported.catalogue.models.isEmpty && imported.report.taken == 0)
    }

    @Test func oneBadEntryDoesNotSpoilTheOthers() throws {
        let imported = try Self.imported(#"{"a":[],"":{"input_cost_per_token":1},"b":{"input_cost_per_token":1e-6}}"#)
        #expect(imported.report.skipped[.malformed]?.first == ["a: it is no object", ": its name is no model's"])
        #expect(imported.catalogue.models.keys.map(\.text) == ["b"])
    }

    @Test(arguments: ["[]", "{", #"{"a":{},"a":{}}"#, #"{"a":{"mode":"x","mode":"x"}}"#, ""])
    func aFileThatIsNoCatalogueIsRefusedWhole(text: String) { #expect(throws: JSONError.self) { try Self.imported(text) } }

    @Test func theReportStaysSmallWhateverTheFile() throws {
        let entries = (0..<1_000).map { #""m\#($0)":{"input_cost_per_token":1e-6,"cost_of_\#($0)":1,"odd_\#($0)":1},"z\#($0)":{}"# }
        let report = try Self.imported("{" + entries.joined(separator: ",") + "}").report
        #expect(report.taken == 1_000)
        #expect(report.skipped[.noTokenPrice]?.count == 1_000)
        #expect(report.skipped[.noTokenPrice]?.first.count == ImportReport.maximumNames)
        #expect(report.pricesPassedOver.counts.count == ImportReport.maximumFields && report.pricesPassedOver.others == 500)
        #expect(report.fieldsPassedOver.counts.count == ImportReport.maximumFields && report.fieldsPassedOver.others == 500)
    }

    @Test func theReportIsWrittenAsJSON() throws {
        var json = JSONText()
        let text = #"{"a":{"input_cost_per_token":1e-6,"cost_per_ride":1,"wheels":4},"b":{"mode":"chat"}}"#
        let report = try Self.imported(text).report
        json.object { report.write(to: &$0) }
        #expect(
            json.string
                == #"{"taken":1,"skipped":[{"reason":"no_token_price","count":1,"examples":["b"]}],"notes":["#
                + #"{"text":"price field not charged for: cost_per_ride","count":1},{"text":"field not used: wheels","count":1}]}"#)
    }

    @Test func aPartOfWhatHasAPriceIsNotFreeBecauseTheListSaysNothing() throws {
        let fields = """
            "mode":"chat","input_cost_per_token":2e-6,"output_cost_per_token":8e-6,"cache_creation_input_token_cost":0,
            "cache_read_input_token_cost":0.0,"output_cost_per_reasoning_token":0,"input_cost_per_token_above_200k_tokens":0,
            "input_cost_per_token_batches":0
            """
        let rates = try Self.rates(fields)
        #expect(rates.cachedInput == 2_000_000_000 && rates.cacheWrite == 2_000_000_000 && rates.reasoning == 8_000_000_000)
        #expect(try Self.rates(fields, input: 200_001).input == 2_000_000_000)
        #expect(try Self.rates(fields, .batch).input == 2_000_000_000)
        #expect(try Self.entry(fields).report.zeroParts.first == ["m"])
    }
}
