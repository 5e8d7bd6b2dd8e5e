import BudgetClient
import Foundation
import Testing

@testable import token_budget

@Suite struct TierEditTests {
    private static let section = Data(
        #"""
        {"allowances":[{"name":"daily","unit":"tokens","limit":50000,"window":{"refill":"minute"}},
         {"name":"money","unit":"usd","limit":0.50,"window":"day","soft_limit":"80%","new":[1.10,null,true]}],
         "message":"a \"quote\"\n","degrade_to":[],"later":{"b":9007199254740993,"a":1e-7}}
        """#.utf8)

    private static func edited(_ edit: TierEdit) throws -> String {
        String(decoding: try edit.applied(to: section, of: "free"), as: UTF8.self)
    }

    @Test func onlyTheNumberChanges() throws {
        #expect(
            try Self.edited(TierEdit(allowance: "money", limit: "0.60"))
                == #"{"allowances":[{"name":"daily","unit":"tokens","limit":50000,"window":{"refill":"minute"}},"#
                + #"{"name":"money","unit":"usd","limit":0.60,"window":"day","soft_limit":"80%","new":[1.10,null,true]}],"#
                + #""message":"a \"quote\"\n","degrade_to":[],"later":{"b":9007199254740993,"a":1e-7}}"#)
    }

    @Test func aLimitKeepsEveryDigit() throws {
        #expect(try Self.edited(TierEdit(allowance: "daily", limit: "9007199254740991")).contains(#""limit":9007199254740991,"#))
    }

    @Test func sharesAreSetAddedAndTakenAway() throws {
        let text = try Self.edited(TierEdit(allowance: "money", softLimit: .some(nil), overdraft: "12.5%"))
        #expect(text.contains(#""limit":0.50,"window":"day","new":[1.10,null,true],"overdraft":"12.5%"}"#))
        #expect(!text.contains("soft_limit"))
    }

    @Test func anUnknownAllowanceIsToldThoseThereAre() {
        let error = #expect(throws: TierEdit.Impossible.self) { try Self.edited(TierEdit(allowance: "dayly", limit: "1")) }
        #expect(error?.description.contains("it has daily, money") == true)
        let none = #expect(throws: TierEdit.Impossible.self) {
            try TierEdit(allowance: "x", limit: "1").applied(to: Data("{}".utf8), of: "pro")
        }
        #expect(none?.description.contains("none of its own") == true)
    }
}

@Suite struct TierFileTests {
    private static func section(_ text: String, _ form: MediaType = .yaml) throws -> String {
        String(decoding: try TierFile.section(DocumentFile(name: "t", bytes: Data(text.utf8), form: form)), as: UTF8.self)
    }

    @Test func yamlBecomesJSONValueByValue() throws {
        let yaml = """
            allowances:   # ours
              - {name: daily, unit: usd, limit: 0.50, window: {refill: minute}, per: [user], soft_limit: 80%, shadow: true}
            message: "50000"
            degrade_to: []
            note: ~
            hours: 09:00-18:00
            """
        #expect(
            try Self.section(yaml)
                == #"{"allowances":[{"name":"daily","unit":"usd","limit":0.50,"window":{"refill":"minute"},"per":["user"],"#
                + #""soft_limit":"80%","shadow":true}],"message":"50000","degrade_to":[],"note":null,"hours":"09:00-18:00"}"#)
    }

    @Test func jsonGoesAsItIs() throws {
        #expect(try Self.section("{ \"a\" : 1.0 }", .json) == "{ \"a\" : 1.0 }")
    }

    @Test(arguments: ["", "a: [", "a: 1\na: 2\n", "? [a]\n: 1\n"])
    func whatIsNoTierIsRefused(text: String) {
        #expect(throws: DocumentFile.Unreadable.self) { try Self.section(text) }
    }
}
