import BudgetModel
import Testing

/// Edits of one tier: what of the text changes, and that nothing else does.
@Suite struct PolicyEditTests {
    /// The tier's section with one text in its JSON replaced, put back.
    private func edit(
        _ text: String, tier: Identifier = "free", _ old: String, _ new: String
    ) throws -> PolicyDocument {
        let document = try PolicyDocument(text: text)
        let json = String(decoding: try #require(document.json(ofTier: tier)), as: UTF8.self)
        try #require(json.contains(old), "\(json)")
        return try document.setting(tier: tier, to: json.replacing(old, with: new).utf8)
    }

    /// Expects that the text becomes the same with `old` replaced by `new`, and loses no comment.
    private func expect(_ edited: PolicyDocument, is text: String, _ old: String, _ new: String) {
        #expect(text.contains(old))
        #expect(edited.text == text.replacing(old, with: new))
        #expect(!edited.commentsLost)
    }

    // MARK: One scalar

    @Test(arguments: [
        (EditedTexts.flow, "limit: 50000"), (EditedTexts.block, "limit: 50000"), (EditedTexts.windows, "limit: 50000"),
        (EditedTexts.json, "\"limit\":50000"), (EditedTexts.bracketed, "limit: 50000"),
    ])
    func anotherLimitChangesThatNumberAlone(text: String, old: String) throws {
        let edited = try edit(text, "\"limit\":50000", "\"limit\":60000")
        expect(edited, is: text, old, old.replacing("50000", with: "60000"))
        #expect(edited.policy.tiers["free"]?.allowances.first?.limit == 60_000)
    }

    @Test func theSameTierChangesNothing() throws {
        for text in EditedTexts.all where !text.contains("\\ud83d") {
            let edited = try edit(text, "{", "{")
            #expect(edited.text == text)
            #expect(!edited.commentsLost)
        }
    }

    @Test func anotherOrderOfFieldsOrFormOfANumberChangesNothing() throws {
        let edited = try edit(
            EditedTexts.flow, tier: "pro", #""name":"money","unit":"usd","limit":20.50"#, #""limit":20.5,"unit":"usd","name":"money""#)
        #expect(edited.text == EditedTexts.flow)
    }

    @Test func textStaysInItsQuotesAndInTheirsOnly() throws {
        let text = EditedTexts.flow
        expect(
            try edit(text, "It's over. ", "That's \\\"all\\\". "), is: text, "'It''s over. It resets at {resets_at}.'",
            #""That's \"all\". It resets at {resets_at}.""#)
        expect(try edit(text, #""chat"}"#, #""5"}"#), is: text, "{feature: chat}", "{feature: \"5\"}")
        expect(try edit(text, "80%", "5%"), is: text, "80%", "5%")
    }

    // MARK: Parts

    @Test func aNewFieldJoinsTheLineOfItsAllowance() throws {
        let text = EditedTexts.flow
        let edited = try edit(text, #""window":"day","match""#, #""window":"day","overdraft":"5%","match""#)
        expect(edited, is: text, "match: {feature: chat}", "match: {feature: chat}, overdraft: 5%")
        expect(try edit(text, #","soft_limit":"80%""#, ""), is: text, ", soft_limit: 80%", "")
        expect(try edit(text, #""name":"daily","#, #""name":"daily","required":true,"#), is: text, "80%}", "80%, required: true}")
    }

    @Test func aWindowOfAnotherKindStaysOnItsLine() throws {
        let text = EditedTexts.flow
        expect(
            try edit(text, tier: "pro", #"{"month":15}"#, #"{"rolling":"7d"}"#), is: text, "{month: 15}", "{rolling: 7d}")
        expect(try edit(text, tier: "pro", #"{"month":15}"#, #""week""#), is: text, "{month: 15}", "week")
    }

    @Test func aNewAllowanceComesBehindTheOneItFollows() throws {
        let text = EditedTexts.flow
        let item = "      - {name: parallel, unit: in_flight, limit: 4}\n"
        expect(
            try edit(text, #""limit":4}"#, #""limit":4},{"name":"hour","unit":"requests","limit":9,"window":"hour"}"#),
            is: text, item, item + "      - {name: hour, unit: requests, limit: 9, window: hour}\n")
        let first = "    allowances:\n      # The one"
        expect(
            try edit(text, "[{", #"[{"name":"hour","unit":"requests","limit":9,"window":"hour"},{"#), is: text, first,
            first.replacing("\n", with: "\n      - {name: hour, unit: requests, limit: 9, window: hour}\n"))
    }

    @Test func aRemovedAllowanceTakesItsLineAlone() throws {
        let text = EditedTexts.flow
        expect(
            try edit(text, #",{"name":"parallel","unit":"in_flight","limit":4}"#, ""), is: text,
            "      - {name: parallel, unit: in_flight, limit: 4}\n", "")
        let block = EditedTexts.block
        let chat = try edit(
            block, #",{"name":"chat","unit":"tokens","limit":20000,"window":{"rolling":"5h"},"match":{"feature":"chat"}}"#, "")
        #expect(chat.text.contains("        window: day\n        # Only chat.\n        degrade_to:\n"))
        #expect(!chat.commentsLost)
    }

    @Test func aRemovedFieldOfATierTakesTheCommentOnItsLine() throws {
        let text = EditedTexts.flow
        let edited = try edit(text, #","degrade_to":["mini"]"#, "")
        #expect(edited.text == text.replacing("    degrade_to: [mini]   # cheap\n", with: ""))
        #expect(edited.commentsLost)
    }

    @Test func anAddedFieldOfATierStandsBeforeTheCommentsBehindIt() throws {
        let text = EditedTexts.block
        let edited = try edit(text, #""message""#, #""max_output_tokens":5,"message""#)
        expect(edited, is: text, "        # The end of free.\n", "        max_output_tokens: 5\n        # The end of free.\n")
    }

    @Test func aTextOverSeveralLinesIsWrittenOnOne() throws {
        let edited = try edit(EditedTexts.block, "That was all.", "Enough.")
        #expect(
            edited.text.contains(##"        message: "Enough.\u000a# of tries: {retry_after_seconds}\u000a""## + "\n        # The end"))
        #expect(edited.policy.tiers["free"]?.message == "Enough.\n# of tries: {retry_after_seconds}\n")
    }

    // MARK: Whole tiers

    private static let team = #"{"allowances":[{"name":"t","unit":"usd","limit":1.50,"window":"day","per":["team"]}],"degrade_to":[]}"#

    @Test func aNewTierStandsBehindTheOthers() throws {
        let text = EditedTexts.flow
        let edited = try PolicyDocument(text: text).setting(tier: "team", to: Self.team.utf8)
        let lines = """
              team:
                allowances:
                  - {name: t, unit: usd, limit: 1.50, window: day, per: [team]}
                degrade_to: []

            """
        expect(
            edited, is: text, "overdraft: 20%}\n    # Nothing for office hours yet.\n",
            "overdraft: 20%}\n    # Nothing for office hours yet.\n" + lines)
    }

    @Test(arguments: ["", "tiers: {}\n", "time_zone: UTC\n# none yet"])
    func theFirstTierMakesTheSection(text: String) throws {
        let edited = try PolicyDocument(text: text.isEmpty ? "{}" : text).setting(tier: "team", to: Self.team.utf8)
        #expect(edited.policy.tiers["team"]?.allowances.first?.per == [.team])
        #expect(!edited.commentsLost)
        #expect(text.isEmpty || edited.text.contains("tiers:\n  team:\n    allowances:\n      - {name: t,"))
    }

    @Test func aRemovedTierTakesItsLinesAlone() throws {
        let text = EditedTexts.flow
        let edited = try PolicyDocument(text: text).removing(tier: "pro")
        #expect(edited.policy.tiers["pro"] == nil)
        let start = try #require(text.firstRange(of: "  pro:\n"))
        let end = try #require(text.firstRange(of: "\n# USD per"))
        #expect(edited.text == text[..<start.lowerBound] + text[end.lowerBound...])
    }

    @Test func aTierNobodyHasIsNotRemoved() throws {
        #expect(try PolicyDocument(text: EditedTexts.flow).removing(tier: "team").text == EditedTexts.flow)
    }

    @Test func theLastTierLeavesAnEmptySection() throws {
        let edited = try PolicyDocument(text: EditedTexts.block).removing(tier: "free").removing(tier: "pro")
        #expect(edited.text.hasPrefix("tiers: {}\n"))
        #expect(edited.policy.tiers.isEmpty)
    }

    @Test func theDefaultTierIsNotRemoved() throws {
        let document = try PolicyDocument(text: EditedTexts.flow, file: "policy.yaml")
        #expect {
            _ = try document.removing(tier: "free")
        } throws: {
            "\($0)".hasPrefix("policy.yaml:2:15: default_tier: unknown tier \"free\"")
        }
    }

    @Test(arguments: [
        (#"{"allowances":[{"name":"daily","unit":"tokens","limit":-5,"window":"day"}]}"#, "tiers.free.allowances[0].limit"),
        (#"{"limits":5}"#, "tiers.free.limits"), ("null", "tiers.free"), (#"{"degrade_to":["gpt-9"]}"#, "tiers.free.degrade_to[0]"),
        (#"{"max_output_tokens":"5"}"#, "tiers.free.max_output_tokens"),
    ])
    func aTierThatIsNoneIsRefusedWithItsPlace(json: String, path: String) throws {
        for text in EditedTexts.all {
            let document = try PolicyDocument(text: text)
            #expect {
                _ = try document.setting(tier: "free", to: json.utf8)
            } throws: {
                ($0 as? PolicyError)?.path == path
            }
        }
    }

    @Test func brokenJSONIsRefusedAsJSON() throws {
        let document = try PolicyDocument(text: EditedTexts.flow)
        #expect(throws: JSONError.self) { try document.setting(tier: "free", to: #"{"a":1,"a":2}"#.utf8) }
        #expect(throws: JSONError.self) { try document.setting(tier: "free", to: "a: 1".utf8) }
    }

    // MARK: JSON and odd layouts

    @Test func aDocumentInJSONStaysJSON() throws {
        for text in [EditedTexts.json, EditedTexts.prettyJSON] {
            let edited = try PolicyDocument(text: text).setting(tier: "team", to: Self.team.utf8).removing(tier: "pro")
            #expect(throws: Never.self) { try JSONValue(parsing: edited.text.utf8) }
            #expect(edited.policy.tiers["team"] != nil)
        }
        let edited = try PolicyDocument(text: EditedTexts.prettyJSON).setting(tier: "team", to: Self.team.utf8)
        let lines = """
                "pro": {},
                "team": {
                  "allowances": [
                    {"name": "t", "unit": "usd", "limit": 1.50, "window": "day", "per": ["team"]}
                  ],
                  "degrade_to": []
                }
            """
        #expect(edited.text.contains(lines))
    }

    @Test(arguments: [
        "tiers: !!map {free: {}}   # a tag\n", "? tiers\n: ? free\n  : {message: a}   # long keys\n",
        "tiers: {free: {message: a\n  b}}   # text over two lines\n",
    ])
    func whatCannotBePatchedIsWrittenAnew(text: String) throws {
        let edited = try PolicyDocument(text: text).setting(tier: "free", to: Self.team.utf8)
        #expect(edited.policy.tiers["free"]?.ladder == [])
        #expect(edited.policy.tiers["free"]?.allowances.count == 1)
        #expect(!edited.text.contains("#") && edited.commentsLost)
    }

    @Test func aCommentInsideAPartThatIsWrittenAnewIsReportedLost() throws {
        let edited = try edit(EditedTexts.block, tier: "free", #""name":"daily""#, #""name":"everyday""#)
        #expect(edited.commentsLost)
        #expect(!edited.text.contains("Raised in May") && edited.text.contains("# Only chat.") && edited.text.contains("# The end."))
    }
}
