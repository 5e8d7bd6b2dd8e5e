import BudgetModel
import Testing

/// The price document, its versions, and what a policy makes of it.
@Suite struct PriceDocumentTests {
    private static let text = """
        aliases: {best: gpt-4o}
        prices: {gpt-4o: {input: 2.50}, claude: {input: 3, output: 15}}
        discounts:
          - {name: azure-commit, percent: 15%, models: [gpt-4o, "claude*"], from: 2026-11-01, until: 2027-11-01T12:00:00Z}
          - {name: all, percent: 2.5%}
        """

    @Test func canonicalTextIsReadBackEqual() throws {
        let document = try PriceDocument(yaml: Self.text)
        let again = try PriceDocument(yaml: document.canonicalText)
        #expect(again == document && again.canonicalText == document.canonicalText)
        #expect(
            document.canonicalText.contains(
                #"{"from":"2026-11-01T00:00:00Z","models":["gpt-4o","claude*"],"name":"azure-commit","percent":"15%","until":"2027-11-01T12:00:00Z"}"#
            ))
    }

    @Test func otherSectionsAreRefused() {
        #expect {
            try PriceDocument(yaml: "prices: {}\ndiscount: []")
        } throws: {
            "\($0)" == "prices:2:1: discount: unknown field \"discount\"; did you mean \"discounts\"?"
        }
    }

    // MARK: Versions

    @Test func theHighestVersionWhoseTimeHasComeIsInForce() {
        let history = PriceHistory([
            .init(number: 3, effectiveFrom: 200), .init(number: 1, effectiveFrom: 100), .init(number: 2, effectiveFrom: 300),
            .init(number: 4, effectiveFrom: 400),
        ])
        #expect([99, 100, 199, 200, 300, 399, 400].map { history.version(at: $0)?.number } == [nil, 1, 1, 3, 3, 3, 4])
        // Version 2 comes too late to ever count: 3 has taken its place.
        #expect([0, 100, 200, 300, 400].map { history.nextChange(after: $0) } == [100, 200, 400, 400, nil])
        #expect(history.versions.map { history.successor(of: $0)?.number } == [nil, 3, nil, nil])
        #expect([0, 100, 250, 400].map { history.pending(at: $0).map(\.number) } == [[1, 3, 4], [3, 4], [4], []])
        #expect(PriceHistory().version(at: 0) == nil && PriceHistory().nextChange(after: 0) == nil)
    }

    // MARK: Under a policy

    private static func snapshot(_ policy: String, _ prices: PriceDocument, at time: Int64 = 0) throws -> PolicySnapshot {
        PolicySnapshot(try Policy(yaml: policy, prices: prices.catalogue), prices: prices, at: time)
    }

    private static func input(_ model: Identifier, _ snapshot: PolicySnapshot) -> Int64? {
        snapshot.catalogue.price(of: snapshot.catalogue.canonical(model))?.standard.base.input.map { $0 / 1_000_000_000 }
    }

    @Test func aPolicysModelsAndAliasesWinByName() throws {
        let prices = try PriceDocument(
            yaml: """
                prices: {a: {input: 1}, b: {input: 2}, c: {input: 3}, d: {input: 4}}
                aliases: {x: a, y: b, z: c}
                unpriced_models: {price_as: c}
                """)
        let snapshot = try Self.snapshot("prices: {a: {input: 10}, y: {input: 20}}\naliases: {x: d, c: a}", prices)
        let inputs = (["a", "b", "c", "d", "x", "y", "z", "unknown"] as [Identifier]).map { Self.input($0, snapshot) }
        #expect(inputs == [10, 2, 10, 4, 4, 20, 10, 10])
        #expect(try PriceCatalogue(yaml: snapshot.priceText, file: "stored") == snapshot.catalogue)
        #expect(PriceVersion(of: snapshot.catalogue) == snapshot.priceVersion)
    }

    @Test(
        arguments: [
            ("", "", nil), ("unpriced_models: reject", "unpriced_models: {price_as: c}", nil),
            ("", "unpriced_models: {price_as: c}", 3), ("", "unpriced_models: reject", nil),
            ("unpriced_models: {price_as: c}", "unpriced_models: reject", 3),
        ] as [(String, String, Int64?)])
    func whatAPolicySaysOfUnpricedModelsWinsAlsoWhenItRejects(policy: String, document: String, price: Int64?) throws {
        let prices = try PriceDocument(yaml: "prices: {c: {input: 3}}\n\(document)")
        let snapshot = try Self.snapshot("time_zone: UTC\n\(policy)", prices)
        #expect(Self.input("unknown", snapshot) == price)
        #expect(try PriceCatalogue(stored: Array(snapshot.priceText.utf8)) == snapshot.catalogue)
        #expect(snapshot.priceText.contains("unpriced_models"), "stored, it needs no other document to be understood")
    }

    @Test func aLadderMayNameModelsOfThePriceDocument() throws {
        let snapshot = try Self.snapshot("default_tier: t\ntiers: {t: {degrade_to: [claude]}}", PriceDocument(yaml: Self.text))
        var planner = Planner(snapshot)
        var request = ReserveRequest(user: "u", model: "best", inputTokens: 1_000_000)
        request.maximumOutput = 0
        let plan = try planner.plan(request, Assignment(), now: 0)
        #expect(plan.rungs.map(\.canonical) == ["gpt-4o", "claude"])
        // 2.5 % off each.
        #expect(plan.rungs.map(\.costAtMaximum) == [243_750_000, 292_500_000])
    }

    @Test func settlingNeedsNothingButTheStoredText() throws {
        let prices = try PriceDocument(yaml: Self.text)
        let then = try #require(Timestamp.milliseconds("2026-12-01"))
        let snapshot = try Self.snapshot("discounts: [{name: own, percent: 20%, models: [gpt-4o]}]", prices, at: then)
        let stored = try PriceCatalogue(stored: Array(snapshot.priceText.utf8))
        #expect(stored == snapshot.catalogue)
        #expect(stored.models["gpt-4o"]?.standard.base.input == 2_000_000_000)
        #expect(stored.models["claude"]?.standard.base.output == 12_750_000_000)
        #expect(snapshot.pricesEnd == Timestamp.milliseconds("2027-11-01T12:00:00Z"))
        #expect(try Self.snapshot("{}", prices, at: then).priceVersion != snapshot.priceVersion)
    }

    @Test func aTextStoredBeforeThereWereMoreKindsIsStillRead() throws {
        let text =
            #"{"aliases":{"x":"n"},"prices":{"m":{"above":{"9":{"cache_write":1}},"batch":{"output":5},"cached_input":0.5,"input":0,"#
            + #""max_output_tokens":7},"n":{"input":2.5,"output":10}},"unpriced_models":{"price_as":"n"}}"#
        let catalogue = try PriceCatalogue(stored: Array(text.utf8))
        #expect(catalogue == (try PriceCatalogue(yaml: text, file: "stored")))
        #expect(catalogue.canonicalText == text)
    }

    @Test(arguments: ["", "{}x", #"{"tiers":{}}"#, #"{"prices":{"m":{"inputs":1}}}"#, #"{"prices":{"m":{"input":-1}}}"#])
    func whatIsNoStoredTextIsNotRead(text: String) {
        #expect(throws: JSONError.self) { try PriceCatalogue(stored: Array(text.utf8)) }
    }
}
