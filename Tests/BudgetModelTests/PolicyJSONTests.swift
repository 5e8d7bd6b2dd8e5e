import BudgetModel
import Foundation
import Testing

/// A document's JSON form, and what it says about its tiers.
@Suite struct PolicyJSONTests {
    private static let demo = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "deploy/policies/demo.yaml")

    private static func json(_ text: String) throws -> String {
        String(decoding: try PolicyDocument(text: text).json, as: UTF8.self)
    }

    @Test func itReadsBackAsTheSamePolicy() throws {
        let demo = try String(contentsOf: Self.demo, encoding: .utf8)
        for text in [demo, PolicyExampleTests.text, "{}", EditedTexts.block, EditedTexts.json, EditedTexts.windows] {
            let document = try PolicyDocument(text: text)
            let json = String(decoding: document.json, as: UTF8.self)
            #expect(try Policy(yaml: json) == document.policy)
            #expect(try Self.json(json) == json)
        }
    }

    @Test func theOrderOfKeysAndTheFormOfNumbersAreKept() throws {
        let json = try Self.json(
            """
            tiers:
              pro:
                allowances: [{unit: usd, limit: 0.50, name: five, window: {rolling: 5h}, shadow: true, soft_limit: 80%}]
            prices: {gpt-4o: {output: 1e1, input: 2.50, above: {200000: {input: 3.0}}}}
            """)
        let tier =
            #"{"unit":"usd","limit":0.50,"name":"five","window":{"rolling":"5h"},"shadow":true,"soft_limit":"80%"}"#
        let price = #"{"output":1e1,"input":2.50,"above":{"200000":{"input":3.0}}}"#
        #expect(json == #"{"tiers":{"pro":{"allowances":["# + tier + #"]}},"prices":{"gpt-4o":"# + price + "}}")
    }

    @Test func textInQuotesStaysText() throws {
        let json = try Self.json("tiers: {\"5\": {message: \"true\"}, a: {message: '7'}, 08: {}}")
        #expect(json == #"{"tiers":{"5":{"message":"true"},"a":{"message":"7"},"08":{}}}"#)
    }

    @Test func charactersYAMLWouldTakeForSomethingElseReadBack() throws {
        let policy = try Policy(yaml: #"{"tiers":{"a":{"message":"\ud83d\ude42 \\ \" \t\n\u00a0\u2028\ufeff ' # é"}}}"#)
        let again = try Policy(
            yaml: Self.json(#"{"tiers":{"a":{"message":"\ud83d\ude42 \\ \" \t\n\u00a0\u2028\ufeff ' # é"}}}"#))
        #expect(policy.tiers["a"]?.message == "🙂 \\ \" \t\n\u{A0}\u{2028}\u{FEFF} ' # é")
        #expect(again == policy)
    }

    @Test func aTierIsItsOwnSection() throws {
        let document = try PolicyDocument(text: "tiers: {free: {degrade_to: []}, \"é\": {message: hi}}")
        #expect(document.json(ofTier: "free").map { String(decoding: $0, as: UTF8.self) } == #"{"degrade_to":[]}"#)
        #expect(document.json(ofTier: "é") != nil)
        // The same letter in another Unicode form is another name.
        #expect(document.json(ofTier: "e\u{301}") == nil)
        #expect(document.json(ofTier: "pro") == nil)
    }

    @Test func tiersAreListedInTheirOrder() throws {
        let tiers = try PolicyDocument(text: PolicyExampleTests.text).tiers
        #expect(tiers.map(\.name) == ["free", "enterprise"])
        #expect(tiers.map(\.allowances) == [6, 1])
        #expect(tiers.map(\.ladder) == [["gpt-4o-mini"], ["gpt-4o-mini"]])
        #expect(try PolicyDocument(text: "time_zone: UTC").tiers.isEmpty)
    }
}
