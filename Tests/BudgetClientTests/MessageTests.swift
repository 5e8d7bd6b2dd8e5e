import CommandSupport
import Foundation
import Testing

@testable import BudgetClient

@Suite struct MessageTests {
    @Test func moneyIsReadToTheLastDigit() throws {
        let text = #"{"tokens":9007199254740991,"cost_usd":90071992.54740991,"new_field":[1]}"#
        let charge = try JSONDecoder().decode(ChargeReply.self, from: Data(text.utf8))
        #expect(charge.tokens == 9_007_199_254_740_991)
        #expect(charge.cost == Decimal(string: "90071992.54740991"))
    }

    @Test func unpricedUsageHasNoCost() throws {
        let charge = try JSONDecoder().decode(ChargeReply.self, from: Data(#"{"tokens":1,"cost_usd":null}"#.utf8))
        #expect(charge.cost == nil)
    }

    @Test func requestsHaveTheContractsNamesAndOnlyWhatIsSet() throws {
        var body = ReserveBody(user: "u", model: "m", inputTokens: 5)
        body.maxOutputTokens = 7
        body.attribution.feature = "chat"
        #expect(
            try Self.json(body) == #"{"feature":"chat","input_tokens":5,"max_output_tokens":7,"model":"m","user":"u"}"#)
        var commit = CommitBody("id", usage: UsageBody(inputTokens: 1, outputTokens: 2))
        commit.final = false
        #expect(
            try Self.json(commit) == #"{"final":false,"reservation_id":"id","usage":{"input_tokens":1,"output_tokens":2}}"#)
    }

    @Test func aSettlementThatWasOnlyJournaledIsReadable() throws {
        let reply = try JSONDecoder().decode(SettlementReply.self, from: Data(#"{"reservation_id":"x"}"#.utf8))
        #expect(reply.charged == nil)
    }

    private static func json(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
}

@Suite struct ProblemTests {
    @Test func aProblemIsOneLine() {
        let body =
            #"{"type":"t","title":"Unknown tier","status":422,"detail":"No tier \"x\".","code":"unknown_tier","pointer":"/tier"}"#
        var problem = BudgetProblem(status: 422, body: Data(body.utf8), retryAfter: nil)
        #expect(problem.description == #"422 unknown_tier: No tier "x". (/tier)"#)
        let help = HelpText("USAGE: t <user> [--tier <tier>]\n\n  --input-tokens <tokens>\n  --limit <n>\n")
        for (pointer, option) in [
            ("/tier", "--tier"), ("/input_tokens", "--input-tokens"), ("/limits/own", "--limit"), ("/user", "<user>"), ("/x", nil),
            ("", nil),
        ] {
            problem.pointer = pointer
            #expect(help.option(for: problem) == option)
        }
        #expect(!problem.leavesOutcomeUnknown)
    }

    @Test func anAnswerOfSomebodyElseIsAProblemToo() {
        let problem = BudgetProblem(status: 502, body: Data("<html>".utf8), retryAfter: "3")
        #expect(problem.code == nil)
        #expect(problem.retryAfter == 3)
        #expect(problem.description == "502: HTTP status 502 Try again in 3 s.")
        #expect(problem.leavesOutcomeUnknown)
    }
}

@Suite struct ServerAddressTests {
    @Test func slashesAtTheEndGo() throws {
        #expect(try ServerAddress("http://h:1//").base == "http://h:1")
        #expect(try ServerAddress("https://h/budget/").base == "https://h/budget")
    }

    @Test(arguments: ["127.0.0.1:8080", "ftp://h", "http://", "http://u:p@h", "http://h/?a=1", "", "http://h/#x"])
    func othersAreRefused(text: String) {
        #expect(throws: BudgetClientError.self) { try ServerAddress(text) }
    }

    @Test(arguments: [
        ("u_42", "u_42"), ("a/b", "a%2Fb"), ("..", "%2E%2E"), ("a.b", "a.b"), ("%41", "%2541"), ("é\n", "%C3%A9%0A"),
    ])
    func aUserIsOneSegmentWhateverItsBytes(user: String, segment: String) {
        #expect(ServerAddress.segment(user) == segment)
    }

    @Test func aKeyThatCannotTravelIsRefusedUnseen() {
        #expect(throws: BudgetClientError.invalidKey) { try BudgetClient(key: "a\r\nb") }
    }
}

@Suite struct JSONLayoutTests {
    @Test func onlyWhiteSpaceChanges() {
        let text = #"{"b":1.50,"a":[],"c":{ },"s":"{\"x\": [1,2]}\\","l":[1,{"z":null}]}"#
        let expected = #"""
            {
              "b": 1.50,
              "a": [],
              "c": {},
              "s": "{\"x\": [1,2]}\\",
              "l": [
                1,
                {
                  "z": null
                }
              ]
            }
            """#
        #expect(JSONLayout.indented(text.utf8) == expected)
    }
}
