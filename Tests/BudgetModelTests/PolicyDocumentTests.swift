import BudgetModel
import Testing

@Suite struct PolicyDocumentTests {
    @Test(arguments: [
        Refusal("", path: "", says: "the document is empty; write at least {}"),
        Refusal("# nothing\n", path: "", says: "the document is empty"),
        Refusal("~", path: "", says: "the document is empty"),
        Refusal("- a", path: "", says: "is a list; write a mapping of sections"),
        Refusal("features: [1", line: 2, path: "", says: "no valid YAML"),
        Refusal("features: {}\n---\nfeatures: {}", line: 2, path: "", says: "write one document"),
        Refusal("features: {}\ntime_zone: \"\u{1}\"", line: 2, path: "", says: "without control characters"),
        Refusal("tiers: {}\nfeatures: {}\ntiers: {}", line: 3, path: "tiers", says: "\"tiers\" is there twice, first on line 1"),
        Refusal("tiers:\n  a: {message: x, \"message\": y}", line: 2, path: "tiers.a.message", says: "keep one of them"),
        Refusal("tiers: {}\ntiers: {}\ntiers: {}", path: "tiers", says: "is there more than once; keep one of them"),
        Refusal("tiers: &all {}", path: "", says: "anchors and aliases are not read here"),
        Refusal("features: {}\ntiers: *all", line: 2, path: "", says: "anchors and aliases are not read here"),
        Refusal("tiers: {a: {<<: {message: x}}}", path: "tiers.a", says: "merge keys"),
        Refusal("tiers: !custom {}", path: "tiers", says: "without a tag"),
        Refusal("time_zone: !!binary UTC", path: "time_zone", says: "without a tag"),
        Refusal("? [a]\n: b", path: "", says: "a key is a list; write a word"),
        Refusal("features: {}\ntires: {}", line: 2, path: "tires", says: "unknown field \"tires\"; did you mean \"tiers\"?"),
        Refusal("zzzzzz: 1", path: "zzzzzz", says: "write time_zone, default_tier"),
        Refusal("time_zone: Europe/Nowhere", path: "time_zone", says: "write an IANA time zone such as Europe/Berlin"),
        Refusal("time_zone: 5", path: "time_zone", says: "write an IANA time zone"),
        Refusal("tiers: {free: {}}\ndefault_tier: fre", line: 2, path: "default_tier", says: "did you mean \"free\"?"),
        Refusal("default_tier: free", path: "default_tier", says: "define it under tiers"),
        Refusal("tiers: {\"\": {}}", path: "tiers[\"\"]", says: "write a tier's name of 1 to 256 bytes"),
        Refusal("tiers:\n  free:", line: 2, path: "tiers.free", says: "is empty; write a mapping"),
        Refusal("features: {\"a.b\": {max: 1}}", path: "features[\"a.b\"].max", says: "unknown field \"max\""),
    ])
    func aDocumentIsRefused(_ refusal: Refusal) { refusal.check() }

    @Test func anErrorIsOneLineWithPlaceAndAdvice() {
        #expect {
            _ = try Policy(
                yaml: "allowances:\n  - name: a\n    unit: tokens\n    window: day\n    limit: -5", file: "policy.yaml")
        } throws: {
            "\($0)" == "policy.yaml:5:12: allowances[0].limit: \"-5\" is negative; "
                + "write a whole number of 0 or more, such as 50000"
        }
    }

    @Test func theFirstErrorInTheDocumentIsTold() {
        Refusal("features: {a: {max: 1}}\ntime_zone: nowhere\nbad: 1", path: "features.a.max", says: "unknown").check()
    }

    @Test func aTextBeyondTheLimitIsRefused() {
        let text = "{}" + String(repeating: "\n# comment", count: PolicyText.maximumPolicy / 10 + 1)
        Refusal(text, path: "", says: "write at most 1048576").check()
    }

    @Test func aDeepDocumentIsRefused() {
        #expect {
            _ = try Policy(yaml: String(repeating: "[", count: 100_000))
        } throws: {
            "\($0)".contains("nested too deeply")
        }
    }

    @Test func anAliasBombIsRefusedBeforeItExpands() {
        var bomb = "a0: &a0 [x, x, x, x, x, x, x, x]\n"
        for level in 1...40 { bomb += "a\(level): &a\(level) [" + String(repeating: "*a\(level - 1),", count: 8) + "]\n" }
        Refusal(bomb + "? *a40\n: 1", path: "", says: "anchors and aliases").check()
    }

    @Test func marksOfAnchorsMayStandInText() throws {
        let policy = try Policy(
            yaml: """
                # R&D &co *all*
                tiers:
                  "&a": {message: "R&D &co *really*"}
                  "*a": {message: R &D or *none*}
                """)
        #expect(policy.tiers["&a"]?.message == "R&D &co *really*")
        #expect(policy.tiers["*a"]?.message == "R &D or *none*")
    }

    @Test func jsonWithEscapedEmojiIsRead() throws {
        let policy = try Policy(yaml: #"{"tiers":{"a":{"message":"hi \ud83d\ude42 \\ud83d"}},"default_tier":"a"}"#)
        #expect(policy.tiers["a"]?.message == "hi 🙂 \\ud83d")
        #expect(policy.defaultTier == "a")
    }

    @Test func anEmptyMappingIsAPolicyWithNothingInIt() throws {
        #expect(try Policy(yaml: "{}") == Policy())
    }
}
