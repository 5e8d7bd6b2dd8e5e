import TestSupport
import Foundation
import Testing

/// Ids that look like something else: each is its own user, and whatever is no id is refused.
@Suite("Identifiers over HTTP", .timeLimit(.minutes(1)))
struct IdentifierTests {
    static let strange = [
        "{", "}", "{}", "}x", "{u}", "a:b", "a:b:c", "a", "b", "../", "..", ".", "/", "//", "*", "?", "%", "%41", "A", "a%3Ab", " ",
        " a", "a ",
        "x:commit", "tb:{01}:x", "u\\", "\"", "'", "<script>", "+", "a+b", "a b", "#", "&", ";", "null", "0", "😀", "👩‍👩‍👧", "caf\u{E9}",
        "cafe\u{301}", "\u{212B}", "\u{C5}", "A\u{30A}", "ß", "SS", "\u{200B}", "\u{202E}", "\u{FEFF}", "\u{FFFD}", "\u{10FFFF}",
        "\u{A0}",
        String(repeating: "x", count: 256), String(repeating: "x", count: 255), String(repeating: "é", count: 128),
    ]

    @Test("strange users are accepted, found by their percent-encoded name, and kept apart")
    func strangeUsers() async throws {
        try await Listener.run(Listener.Setting(policy: Example.tokensOnly)) { listener in
            for (index, user) in Self.strange.enumerated() {
                let answer = try await listener.post(
                    "/v1/reserve",
                    ["user": .string(user), "model": "m", "input_tokens": .number(Double(index + 1)), "max_output_tokens": 0])
                #expect(answer.json["decision"] == "allow", "\(user): \(answer.json)")
            }
            for (index, user) in Self.strange.enumerated() {
                let answer = try await listener.get("/v1/users/\(Self.encoded(user))")
                #expect(answer.status == 200)
                #expect(answer.json["user"]?.text.map { Array($0.utf8) } == Array(user.utf8))
                #expect(answer.json["allowances"]?.items.map { $0["held"] } == [.number(Double(index + 1))], "\(user)")
            }
        }
    }

    @Test("reservations of strange users settle")
    func strangeReservations() async throws {
        try await Listener.run(Listener.Setting(policy: Example.tokensOnly)) { listener in
            for user in Self.strange {
                let id = try await listener.reserve(["user": .string(user), "model": "m", "input_tokens": 7, "max_output_tokens": 0])
                let answer = try await listener.post("/v1/commit", ["reservation_id": .string(id)])
                #expect(answer.json["charged"]?["tokens"] == 7, "\(user): \(answer.json)")
                #expect(try await listener.allowance("daily-tokens", of: Self.encoded(user))?["used"] == 7)
            }
        }
    }

    @Test("the longest user, model and idempotency key still make an id that settles")
    func longestReservationID() async throws {
        try await Listener.run(Listener.Setting(policy: Example.tokensOnly)) { listener in
            let id = try await listener.reserve([
                "user": .string(String(repeating: "é", count: 128)), "model": .string(String(repeating: "m", count: 256)),
                "input_tokens": 7, "max_output_tokens": 0, "idempotency_key": .string(String(repeating: "~", count: 128)),
            ])
            #expect(id.utf8.count <= 1_024)
            #expect(id.utf8.allSatisfy { (0x21...0x7E).contains($0) })
            let answer = try await listener.post("/v1/commit", ["reservation_id": .string(id)])
            #expect(answer.json["charged"]?["tokens"] == 7, "\(answer.json)")
        }
    }

    static let invalid = [
        "", "\0", "a\0b", "a\nb", "\r\n", "\t", "\u{1F}", "\u{7F}", "a\u{80}", "\u{85}", "\u{9F}",
        String(repeating: "x", count: 257), String(repeating: "é", count: 128) + "x",
    ]

    @Test("control characters, nothing and 257 bytes are no ids", arguments: invalid)
    func invalidIDs(_ id: String) async throws {
        try await Listener.run(Listener.Setting(policy: Example.tokensOnly)) { listener in
            let before = try await listener.keyCount()
            for field in ["user", "feature", "tier", "team", "environment", "plan", "session", "model"] {
                let body: JSON = ["user": "u", "model": "m", "input_tokens": 1, "max_output_tokens": 0]
                let answer = try await listener.post("/v1/reserve", body.with([field: .string(id)]))
                #expect(answer.status == 400)
                #expect(answer.pointer == "/\(field)")
            }
            if !id.isEmpty { #expect(try await listener.get("/v1/users/\(Self.encoded(id))").status == 400) }
            #expect(try await listener.keyCount() == before)
        }
    }

    @Test(
        "a path that is no percent-encoded UTF-8 names nobody",
        arguments: ["%", "%4", "%zz", "%ff", "%c3", "%c0%af", "%ed%a0%80", "%+1"])
    func invalidPaths(_ segment: String) async throws {
        try await Listener.run { listener in
            let answer = try await listener.get("/v1/users/\(segment)")
            #expect(answer.status == 400)
            #expect(answer.code != nil)
        }
    }

    @Test("a path segment is decoded once, and is one segment", arguments: [("%2541", 200), ("a/b", 404), ("", 404), ("a/", 404)])
    func segments(_ segment: String, _ status: Int) async throws {
        try await Listener.run { listener in
            let answer = try await listener.get("/v1/users/\(segment)")
            #expect(answer.status == status)
            if status == 200 { #expect(answer.json["user"] == "%41") }
        }
    }

    @Test("a user never seen has the default tier's allowances at zero")
    func unknownUser() async throws {
        try await Listener.run { listener in
            let answer = try await listener.get("/v1/users/nobody")
            #expect(answer.status == 200)
            #expect(answer.json.keys == ["user", "tier", "frozen", "allowances"])
            #expect(answer.json["tier"] == "free")
            #expect(answer.json["frozen"] == false)
            #expect(answer.json["allowances"]?.items.map { $0["name"] } == ["daily-tokens", "daily-usd"])
            #expect(answer.json["allowances"]?.items.allSatisfy { $0["used"] == 0 && $0["held"] == 0 } == true)
        }
    }

    private static func encoded(_ id: String) -> String {
        id.utf8.map { "%" + (($0 < 16 ? "0" : "") + String($0, radix: 16)) }.joined()
    }
}
