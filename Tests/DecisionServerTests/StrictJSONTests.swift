import TestSupport
import DecisionServer
import Testing

/// Bodies that are not exactly what they should be, each refused with a reason and without a trace in Redis.
@Suite("Strict JSON", .timeLimit(.minutes(1)))
struct StrictJSONTests {
    /// A body and what it must be answered.
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var bytes: [UInt8]
        var status = 400
        var code = "malformed_json"
        var pointer: String?

        init(_ name: String, _ bytes: [UInt8], status: Int = 400, code: String = "malformed_json", pointer: String? = nil) {
            (self.name, self.bytes, self.status, self.code, self.pointer) = (name, bytes, status, code, pointer)
        }

        init(_ name: String, _ text: String, status: Int = 400, code: String = "malformed_json", pointer: String? = nil) {
            self.init(name, Array(text.utf8), status: status, code: code, pointer: pointer)
        }

        /// A reserve whose `input_tokens` is `number`.
        static func input(_ number: String, status: Int = 400, code: String = "invalid_field") -> Case {
            let name = number.count > 30 ? "\(number.count) digits" : number
            return Case(
                "input_tokens \(name)", #"{"user":"u","model":"m","max_output_tokens":0,"input_tokens":\#(number)}"#, status: status,
                code: code, pointer: "/input_tokens")
        }

        var testDescription: String { name }
    }

    static let good = #"{"user":"u","model":"m","max_output_tokens":0,"input_tokens":5}"#
    private static func end(_ field: String) -> String { good.dropLast() + field + "}" }

    static let numbers: [Case] =
        [
            "-1", "1.5", "1.0", "1e3", "1E3", "NaN", "Infinity", "\"5\"", "true", "null", "0x10", "-0", "01", "00", "+5", "1_000", "٥",
            "[5]", "{}",
        ]
        .map { Case.input($0) } + [
            Case.input("9007199254740992", status: 422, code: "amount_too_large"),
            Case.input("9223372036854775807", status: 422, code: "amount_too_large"),
            Case.input("9223372036854775808", status: 422, code: "amount_too_large"),
            Case.input("18446744073709551621", status: 422, code: "amount_too_large"),
            Case.input(String(repeating: "9", count: 100_000), status: 422, code: "amount_too_large"),
            Case.input("0" + String(repeating: "9", count: 100_000)),
        ]

    static let shapes: [Case] = [
        Case("duplicate key", end(#","user":"v""#), code: "duplicate_field", pointer: "/user"),
        Case("duplicate key, escaped", end(#","us\u0065r":"v""#), code: "duplicate_field", pointer: "/user"),
        Case("duplicate key in labels", end(#","labels":{"a":"1","\u0061":"2"}"#), code: "duplicate_field", pointer: "/labels/a"),
        Case("unknown field", end(#","colour":1"#), code: "unknown_field", pointer: "/colour"),
        Case("unknown field with a slash", end(#","a/b~c":1"#), code: "unknown_field", pointer: "/a~1b~0c"),
        Case("field in another case", end(#","Tier":"free""#), code: "unknown_field", pointer: "/Tier"),
        Case("label that is no string", end(#","labels":{"a":1}"#), code: "invalid_field", pointer: "/labels/a"),
        Case("ttl 0", end(#","ttl_seconds":0"#), code: "invalid_field", pointer: "/ttl_seconds"),
        Case("ttl 86401", end(#","ttl_seconds":86401"#), code: "invalid_field", pointer: "/ttl_seconds"),
        Case("price class", end(#","price_class":"cheap""#), code: "invalid_field", pointer: "/price_class"),
        Case(
            "key of 129", end(#","idempotency_key":"\#(String(repeating: "k", count: 129))""#), code: "invalid_field",
            pointer: "/idempotency_key"),
        Case("key with a space", end(#","idempotency_key":"a b""#), code: "invalid_field", pointer: "/idempotency_key"),
        Case("empty key", end(#","idempotency_key":"""#), code: "invalid_field", pointer: "/idempotency_key"),
        Case("user missing", #"{"model":"m","input_tokens":5}"#, code: "missing_field", pointer: "/user"),
        Case("model missing", #"{"user":"u","input_tokens":5}"#, code: "missing_field", pointer: "/model"),
        Case("input_tokens missing", #"{"user":"u","model":"m"}"#, code: "missing_field", pointer: "/input_tokens"),
        Case(
            "17 labels", end(#","labels":{"# + (0..<17).map { "\"l\($0)\":\"\"" }.joined(separator: ",") + "}"), code: "invalid_field",
            pointer: "/labels"),
    ]

    static let texts: [Case] = [
        Case("empty body", ""), Case("white space", " \r\n\t "), Case("array", "[\(good)]"), Case("number", "5"),
        Case("string", "\"user\""), Case("null", "null"),
        Case("BOM", [0xEF, 0xBB, 0xBF] + Array(good.utf8)),
        Case("UTF-16 LE", good.utf16.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }),
        Case("UTF-16 BE with BOM", [0xFE, 0xFF] + good.utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] }),
        Case("UTF-32 BE", good.unicodeScalars.flatMap { [0, 0, 0, UInt8($0.value)] }),
        Case("invalid UTF-8", Array(#"{"user":"u"#.utf8) + [0xFF] + Array(#"","model":"m","input_tokens":5}"#.utf8)),
        Case("overlong UTF-8", Array(#"{"user":"u"#.utf8) + [0xC0, 0xAF] + Array(#"","model":"m","input_tokens":5}"#.utf8)),
        Case("surrogate in UTF-8", Array(#"{"user":"u"#.utf8) + [0xED, 0xA0, 0x80] + Array(#"","model":"m","input_tokens":5}"#.utf8)),
        Case("invalid UTF-8 after the end", Array(good.utf8) + [0x80]),
        Case("NUL after the end", Array(good.utf8) + [0]),
        Case("lone high surrogate", end(#","team":"\ud800""#)), Case("lone low surrogate", end(#","team":"\udc00""#)),
        Case("two high surrogates", end(#","team":"\ud83d\ud83d""#)),
        Case("raw line feed in a string", end(",\"team\":\"a\nb\"")),
        Case("unknown escape", end(#","team":"\x41""#)), Case("short escape", end(#","team":"\u41""#)),
        Case("trailing comma", end(",")), Case("leading comma", "{," + good.dropFirst()),
        Case("comment", good.dropLast() + " /* five */}"), Case("line comment", "// five\n" + good),
        Case("single quotes", good.replacing("\"", with: "'")), Case("bare key", "{user:1}"),
        Case("garbage after", good + "x"), Case("a second object after", good + good), Case("cut off", String(good.dropLast())),
        Case("no-break space", "\u{A0}" + good), Case("vertical tab", "\u{B}" + good),
        Case("depth 100,000 of arrays", String(repeating: "[", count: 100_000)),
        Case(
            "depth 100,000 of objects", String(repeating: #"{"user":"#, count: 100_000), code: "invalid_field", pointer: "/user"),
    ]

    static let deep: [Case] = [
        Case("depth 100,000 in labels", end(#","labels":"# + String(repeating: "[", count: 100_000))),
        Case("depth 100,000 of objects in labels", end(#","labels":"# + String(repeating: #"{"a":"#, count: 100_000))),
    ]

    @Test("a reserve that is not plain strict JSON is refused and nothing is written", arguments: numbers + shapes + texts)
    func reserve(_ test: Case) async throws {
        try await check(test) { answer in
            #expect(answer.code == test.code)
            if let pointer = test.pointer { #expect(answer.pointer == pointer) }
        }
    }

    @Test("endless nesting in a free-form field is refused", arguments: deep)
    func nesting(_ test: Case) async throws {
        try await check(test) { answer in
            #expect(answer.code == "malformed_json")
            #expect(answer.pointer?.hasPrefix("/labels") == true)
        }
    }

    private func check(_ test: Case, _ body: (Answer) -> Void) async throws {
        var setting = Listener.Setting(policy: Example.tokensOnly)
        setting.limits.body = 1 << 20
        try await Listener.run(setting) { listener in
            let before = try await listener.keyCount()
            for path in ["/v1/reserve", "/v1/check"] {
                let answer = try await listener.post(path, bytes: test.bytes)
                #expect(answer.status == test.status, "\(path): \(answer.json)")
                #expect(answer.json["status"] == .number(Double(test.status)))
                #expect(answer.json.keys.isSuperset(of: ["type", "title", "status", "detail", "code"]))
                body(answer)
            }
            #expect(try await listener.keyCount() == before)
        }
    }

    @Test("the other verbs read as strictly", arguments: ["commit", "release", "extend", "record"])
    func otherVerbs(_ verb: String) async throws {
        try await Listener.run { listener in
            let before = try await listener.keyCount()
            for test in Self.texts where test.bytes.count < 1_000 {
                let answer = try await listener.post("/v1/\(verb)", bytes: test.bytes)
                #expect(answer.status == 400, "\(test.name): \(answer.json)")
                #expect(["malformed_json", "unknown_field"].contains(answer.code))
            }
            let unknown = try await listener.post("/v1/\(verb)", ["surprise": 1])
            #expect(unknown.code == "unknown_field")
            #expect(unknown.pointer == "/surprise")
            #expect(try await listener.keyCount() == before)
        }
    }

    @Test("the largest amount is a number like any other")
    func largestAmount() async throws {
        try await Listener.run(Listener.Setting(policy: Example.tokensOnly)) { listener in
            let body = #"{"user":"u","model":"m","max_output_tokens":0,"input_tokens":9007199254740991}"#
            let answer = try await listener.post("/v1/reserve", bytes: Array(body.utf8))
            #expect(answer.status == 200)
            #expect(answer.json["decision"] == "reject")
            #expect(answer.json["reason"] == "too_large")
        }
    }

    @Test("input and output whose sum passes the largest amount are refused")
    func sumTooLarge() async throws {
        try await Listener.run(Listener.Setting(policy: Example.tokensOnly)) { listener in
            let before = try await listener.keyCount()
            let answer = try await listener.post(
                "/v1/reserve", ["user": "u", "model": "m", "input_tokens": 9_007_199_254_740_991, "max_output_tokens": 1])
            #expect(answer.status == 422)
            #expect(answer.code == "amount_too_large")
            #expect(try await listener.keyCount() == before)
        }
    }

    @Test("white space, escapes and any order of fields are fine")
    func plainJSON() async throws {
        try await Listener.run(Listener.Setting(policy: Example.tokensOnly)) { listener in
            let body =
                "\r\n\t { \"input_tokens\" : 5 ,\"m\\u006fdel\":\"m\", \"max_output_tokens\":0,\"user\":\"\\ud83d\\ude00\\/\" } \n"
            let answer = try await listener.post("/v1/reserve", bytes: Array(body.utf8))
            #expect(answer.status == 200)
            #expect(try await listener.allowance("daily-tokens", of: "%F0%9F%98%80%2F")?["held"] == 5)
        }
    }
}
