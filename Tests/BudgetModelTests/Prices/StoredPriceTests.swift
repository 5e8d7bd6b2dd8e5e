import Testing
@testable import BudgetModel

/// A model's price as text of its own.
@Suite struct StoredPriceTests {
    private static let price = """
        prices:
          m:
            input: 2.50
            cached_input: 0.000000001
            output: 10
            per_request: 0.01
            batch: {input: 1.25, above: {100000: {input: 2}}}
            above: {200000: {input: 5, output: 15}}
        """

    @Test func itIsReadBackAsItWas() throws {
        let price = try #require(try PriceDocument(yaml: Self.price).catalogue.models["m"])
        #expect(try ModelPrice(stored: Array(price.canonicalText.utf8)) == price)
        #expect(price.thresholds(.standard) == [200_000] && price.thresholds(.batch) == [100_000, 200_000])
    }

    @Test(arguments: ["", "{", "[]", #"{"inptu":1}"#]) func whatIsNoneIsRefused(_ text: String) {
        #expect(throws: JSONError.self) { try ModelPrice(stored: Array(text.utf8)) }
    }

    @Test func ratesAreWrittenInDollars() {
        let rate: TokenRate = 2_500_000_000
        #expect(rate.dollarsPerMillion == "2.5" && TokenRate(75_000_000).dollarsPerMillion == "0.075")
        #expect(TokenRate(10_000_000_000_000).dollarsPerRequest == "0.01" && TokenRate(0).dollarsPerMillion == "0")
    }
}
