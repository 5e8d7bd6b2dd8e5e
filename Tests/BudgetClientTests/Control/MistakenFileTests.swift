import BudgetClient
import Foundation
import Testing

@testable import token_budget

/// `prices import` of something else.
@Suite struct MistakenFileTests {
    private static func file(_ text: String) -> DocumentFile { DocumentFile(name: "f", bytes: Data(text.utf8), form: .yaml) }

    @Test(arguments: [
        ("tiers: {free: {}}\nprices: {m: {input: 1}}", "a policy", "policy apply f"),
        (#"{"default_tier":"free"}"#, "a policy", "policy apply f"),
        ("allowances: []\ndegrade_to: [m]", "a tier's section", "tier set TIER --file f"),
        ("# ours\nprices:\n  m: {input: 1}", "a price document", "prices set f"),
        (#"{"aliases":{}}"#, "a price document", "prices set f"),
        ("- {key_sha256: 00, role: ops}", "a keys file", "serve --keys f"),
    ])
    func aFileIsToldItsKindAndWhereItBelongs(text: String, kind: String, command: String) throws {
        let mistake = try #require(MistakenFile(refused: Self.file(text)))
        #expect(mistake.description.contains("looks like \(kind)") && mistake.description.contains("`token-budget \(command)`"))
    }

    @Test(arguments: ["- 1\n- 2", "[]", "a: 1", "plain words", "a: [", "", " \n"])
    func whatIsNoObjectOfJSONIsNotSent(text: String) {
        #expect(MistakenFile(notCatalogue: Self.file(text))?.description.contains("model_prices_and_context_window.json") == true)
    }

    @Test(arguments: ["{}", #" {"gpt-4o":{"input_cost_per_token":1e-06}}"#, "{a: 1}"])
    func whatMayBeACatalogueIsTheServicesToJudge(text: String) {
        #expect(MistakenFile(notCatalogue: Self.file(text)) == nil && MistakenFile(refused: Self.file(text)) == nil)
    }
}
