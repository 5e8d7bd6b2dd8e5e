import BudgetModel
import Testing

@Suite struct DiscountTests {
    private static func document(_ discounts: String) throws -> PriceDocument {
        try PriceDocument(
            yaml: """
                aliases: {best: gpt-4o}
                prices:
                  gpt-4o: {input: 2.50, output: 10, above: {9: {input: 5}}, batch: {input: 1.25}, per_request: 0.01, max_output_tokens: 16}
                  gpt-4o-mini: {input: 0.15, output: 0.60}
                  tiny: {input: 0.000000001}
                discounts: \(discounts)
                """)
    }

    private static func input(_ model: Identifier, _ document: PriceDocument, at time: String) throws -> Int64? {
        let time = try #require(Timestamp.milliseconds(time))
        return document.catalogue.discounted(by: document.discounts, at: time).models[model]?.standard.base.input
    }

    @Test func aDiscountHoldsFromItsBeginningUntilItsEnd() throws {
        let document = try Self.document("[{name: d, percent: 20%, from: 2026-11-01, until: 2027-11-01}]")
        #expect(try Self.input("gpt-4o", document, at: "2026-10-31T23:59:59.999Z") == 2_500_000_000)
        #expect(try Self.input("gpt-4o", document, at: "2026-11-01T00:00:00Z") == 2_000_000_000)
        #expect(try Self.input("gpt-4o", document, at: "2027-10-31T23:59:59.999Z") == 2_000_000_000)
        #expect(try Self.input("gpt-4o", document, at: "2027-11-01") == 2_500_000_000)
    }

    @Test func everyRateOfAModelIsReducedAndNothingElse() throws {
        let document = try Self.document("[{name: d, percent: 10%}]")
        let price = try #require(document.catalogue.discounted(by: document.discounts, at: 0).models["gpt-4o"])
        #expect(price.standard.base.output == 9_000_000_000 && price.standard.base.perRequest == 9_000_000_000_000)
        #expect(price.standard.above.first?.rates.input == 4_500_000_000 && price.standard.above.first?.threshold == 9)
        #expect(price.classes[.batch]?.base.input == 1_125_000_000)
        #expect(price.standard.base.cachedInput == nil && price.maximumOutput == 16)
    }

    @Test func aReducedRateIsRoundedUp() throws {
        // 1e-15 USD less 15 % is 0.85e-15: there is nothing between 0 and 1.
        #expect(try Self.input("tiny", Self.document("[{name: d, percent: 15%}]"), at: "2026-11-01") == 1)
        // 150,000,000 less 33.333 % is 100,000,500.
        #expect(try Self.input("gpt-4o-mini", Self.document("[{name: d, percent: 33.333%}]"), at: "2026-11-01") == 100_000_500)
    }

    @Test(arguments: [
        ("[gpt-4o]", [true, false, false]), ("[best]", [true, false, false]), ("[gpt-4o-2024-11-20]", [true, false, false]),
        ("[\"gpt-4o-*\"]", [false, true, false]), ("[gpt-4o*]", [true, true, false]), ("[\"*\"]", [true, true, true]),
        ("[tiny, gpt-4o-mini]", [false, true, true]), ("[\"t*\", \"gpt-4o-m*\", \"gpt-4o-mini*\"]", [false, true, true]),
    ])
    func aDiscountIsForTheModelsItNames(models: String, reduced: [Bool]) throws {
        let document = try Self.document("[{name: d, percent: 100%, models: \(models)}]")
        let inputs = try ["gpt-4o", "gpt-4o-mini", "tiny"].map { try Self.input($0, document, at: "2026-11-01") }
        #expect(inputs.map { $0 == 0 } == reduced)
    }

    @Test func beginningsAreComparedByteByByte() {
        var price = ModelPrice()
        price.standard.base.input = 2
        let catalogue = PriceCatalogue(models: ["\u{E9}": price, "e\u{301}": price])
        let discount = Discount(name: "d", share: Percentage(parts: Percentage.whole), models: ["e*"])
        let reduced = catalogue.discounted(by: [discount], at: 0)
        #expect(reduced.models["\u{E9}"]?.standard.base.input == 2)
        #expect(reduced.models["e\u{301}"]?.standard.base.input == 0)
    }

    @Test func thousandsOfModelsAndDiscountsAreReadAtOnce() throws {
        let models = (0..<5_000).map { "m\($0): {input: 1}" }.joined(separator: ", ")
        let discounts = (0..<1_000).map { "{name: d\($0), percent: 10%, models: [\"m\($0)*\", m\($0), \"m4999*\"]}" }
        let document = try PriceDocument(yaml: "prices: {\(models)}\ndiscounts: [\(discounts.joined(separator: ", "))]")
        let reduced = document.catalogue.discounted(by: document.discounts, at: 0)
        #expect(reduced.models.values.allSatisfy { $0.standard.base.input == 900_000_000 })
    }

    @Test func ofSeveralTheLargestCounts() throws {
        let document = try Self.document(
            "[{name: a, percent: 10%}, {name: b, percent: 40%, models: [gpt-4o]}, {name: c, percent: 90%, until: 2000-01-01}]")
        #expect(try Self.input("gpt-4o", document, at: "2026-11-01") == 1_500_000_000)
        #expect(try Self.input("gpt-4o-mini", document, at: "2026-11-01") == 135_000_000)
    }

    @Test func theNextBoundaryIsTheNextBeginningOrEnd() throws {
        let discounts = try Self.document(
            "[{name: a, percent: 1%, from: 2026-01-01, until: 2027-01-01}, {name: b, percent: 2%, from: 2026-06-01}]"
        )
        .discounts
        func next(_ time: String) throws -> String? {
            discounts.nextBoundary(after: try #require(Timestamp.milliseconds(time))).map { Timestamp.text($0) }
        }
        #expect(try next("2025-01-01") == "2026-01-01T00:00:00Z")
        #expect(try next("2026-01-01") == "2026-06-01T00:00:00Z")
        #expect(try next("2026-06-01") == "2027-01-01T00:00:00Z")
        #expect(try next("2027-01-01") == nil)
    }

    @Test(arguments: [
        Refusal("discounts: [\(String(repeating: "{}, ", count: 1_001))]", path: "discounts", says: "write at most 1000"),
        Refusal("discounts: [{percent: 1%}]", path: "discounts[0]", says: "has no name"),
        Refusal("discounts: [{name: d}]", path: "discounts[0]", says: "has no percent"),
        Refusal("discounts: [{name: d, percent: 15}]", path: "discounts[0].percent", says: "write 15%"),
        Refusal("discounts: [{name: d, percent: 101%}]", path: "discounts[0].percent", says: "write at most 100%"),
        Refusal("discounts: [{name: d, percent: 1%, models: []}]", path: "discounts[0].models", says: "leave models out"),
        Refusal("discounts: [{name: d, percent: 1%, models: [x]}]", path: "discounts[0].models[0]", says: "unknown model \"x\""),
        Refusal("discounts: [{name: d, percent: 1%, models: [\"x-*\"]}]", path: "discounts[0].models[0]", says: "no model begins with"),
        Refusal("discounts: [{name: d, percent: 1%, from: 2026-02-30}]", path: "discounts[0].from", says: "such as 2026-11-01"),
        Refusal("discounts: [{name: d, percent: 1%, from: 2026}]", path: "discounts[0].from", says: "such as 2026-11-01"),
        Refusal(
            "discounts: [{name: d, percent: 1%, from: 2026-01-02, until: 2026-01-02}]", path: "discounts[0].until",
            says: "is not after from"),
        Refusal("discounts: [{name: d, percent: 1%}, {name: d, percent: 2%}]", path: "discounts[1]", says: "take another name"),
        Refusal("discounts: [{name: d, percent: 1%, since: 2026-01-01}]", path: "discounts[0].since", says: "unknown field"),
    ])
    func discountsAreRefused(_ refusal: Refusal) { refusal.check() }
}
