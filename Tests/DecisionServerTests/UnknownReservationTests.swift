import TestSupport
import Testing

/// Ids that this service never made, or that somebody changed.
@Suite("Unknown reservations", .timeLimit(.minutes(1)))
struct UnknownReservationTests {
    static let garbage = [
        "", "x", "tb1_", "tb1_AAAA", "tb9_AAAAAAAA", "tb1_****", "u_42", "../../etc/passwd", "{}", "😀", "a b", "\0", "\r\nSET x y",
        String(repeating: "A", count: 1_024), "tb1_" + String(repeating: "A", count: 1_020),
        "tb1_" + String(repeating: "_", count: 20_000),
    ]

    @Test("garbage is an unknown reservation", arguments: garbage)
    func malformed(_ id: String) async throws {
        try await Listener.run { listener in
            let before = try await listener.keyCount()
            for (verb, extra) in Self.verbs {
                let answer = try await listener.post("/v1/\(verb)", extra.with(["reservation_id": .string(id)]))
                #expect(answer.status == 404, "\(verb): \(answer.json)")
                #expect(answer.code == "unknown_reservation")
            }
            #expect(try await listener.keyCount() == before)
        }
    }

    @Test("an id with any one character changed never books anything twice or anywhere else")
    func changed() async throws {
        try await Listener.run { listener in
            let id = Array(try await listener.reserve(Example.reserve))
            for index in id.indices {
                var other = id
                other[index] = other[index] == "A" ? "B" : "A"
                let answer = try await listener.post("/v1/commit", ["reservation_id": .string(String(other)), "usage": Example.usage])
                #expect([200, 404, 410].contains(answer.status), "character \(index): \(answer.json)")
                if answer.status == 200 { #expect(answer.json["charged"] == ["tokens": 1_821, "cost_usd": 0.00571]) }
            }
            let final = try await listener.post("/v1/commit", ["reservation_id": .string(String(id)), "usage": Example.usage])
            #expect(final.status == 200)
            let daily = try await listener.allowance("daily-tokens", of: "u_42")
            #expect(daily?["used"] == 1_821)
            #expect(daily?["held"] == 0)
        }
    }

    @Test("an id of another service's Redis is unknown")
    func elsewhere() async throws {
        var id = ""
        try await Listener.run { id = try await $0.reserve(Example.reserve) }
        let stranger = id
        try await Listener.run { listener in
            for (verb, extra) in Self.verbs {
                let answer = try await listener.post("/v1/\(verb)", extra.with(["reservation_id": .string(stranger)]))
                #expect(answer.status == 404)
                #expect(answer.code == "unknown_reservation")
            }
        }
    }

    @Test("an id that is no string, or none, is malformed", arguments: ["commit", "release", "extend"])
    func noString(_ verb: String) async throws {
        try await Listener.run { listener in
            let extra = Self.verbs.first { $0.0 == verb }?.1 ?? [:]
            let number = try await listener.post("/v1/\(verb)", extra.with(["reservation_id": 5]))
            #expect(number.status == 400)
            #expect(number.pointer == "/reservation_id")
            let none = try await listener.post("/v1/\(verb)", extra)
            #expect(none.status == 400)
            #expect(none.pointer == "/reservation_id")
        }
    }

    private static let verbs: [(String, JSON)] = [
        ("commit", ["usage": ["input_tokens": 1, "output_tokens": 1]]), ("release", [:]), ("extend", ["ttl_seconds": 60]),
    ]
}
