import TestSupport
import Testing

/// Users over the control API: shapes, merging, and every bad input by name.
@Suite("Users over HTTP", .timeLimit(.minutes(1)))
struct UserTests {
    @Test("a user never seen is answered, with what a user has before any use")
    func neverSeen() async throws {
        try await ControlListener.run(.init(time: Shop.noon)) { listener in
            let answer = try await listener.get("/v1/users/u_42")
            #expect(answer.status == 200)
            #expect(
                answer.json.keys == [
                    "user", "tier", "assigned_tier", "frozen", "limits", "limit_units", "limits_not_applied", "grants", "allowances",
                ])
            #expect(answer.json["user"] == "u_42" && answer.json["tier"] == "free" && answer.json["assigned_tier"] == .null)
            #expect(answer.json["frozen"] == false && answer.json["limits"] == [:] && answer.json["grants"] == [])
            #expect(
                answer.json["allowances"]?[0] == [
                    "name": "daily-tokens", "unit": "tokens", "limit": 10_000, "used": 0, "held": 0, "remaining": 10_000,
                    "resets_at": "2030-01-02T00:00:00Z",
                ])
        }
    }

    @Test("a change merges, null clears, and the answer is the user")
    func merge() async throws {
        try await ControlListener.run { listener in
            let first = try await listener.put(
                "/v1/users/u", ["tier": "pro", "limits": ["daily-tokens": 80_000, "daily-usd": 0.50], "reason": "launch"])
            #expect(first.status == 200)
            #expect(first.json["tier"] == "pro" && first.json["assigned_tier"] == "pro")
            #expect(first.json["limits"] == ["daily-tokens": 80_000, "daily-usd": 0.5])
            #expect(first.json["allowances"]?[0]?["limit"] == 80_000)
            let second = try await listener.put("/v1/users/u", ["frozen": true, "limits": ["daily-usd": nil]])
            #expect(second.json["frozen"] == true && second.json["limits"] == ["daily-tokens": 80_000])
            let third = try await listener.put("/v1/users/u", ["tier": nil, "limits": nil])
            #expect(third.json["assigned_tier"] == .null && third.json["limits"] == [:] && third.json["frozen"] == true)
            #expect(try await listener.put("/v1/users/u", [:]).json == third.json)
            #expect(try await listener.get("/v1/users/u").json == third.json)
            let deleted = try await listener.delete("/v1/users/u?reason=over")
            #expect(deleted.status == 200 && deleted.json["frozen"] == false)
        }
    }

    @Test("what an allowance of another unit had is shown in its own, and does not apply")
    func unitsOfTheirTime() async throws {
        try await ControlListener.run { listener in
            _ = try await listener.put("/v1/users/u", ["limits": ["daily-usd": 7.5]])
            _ = try await listener.post("/v1/users/u/grants", ["allowance": "daily-usd", "amount": 2.5])
            try await listener.store.use(Shop.policy.replacing("daily-usd, unit: usd", with: "daily-usd, unit: requests"))
            let shown = try await listener.get("/v1/users/u").json
            #expect(shown["limits"] == ["daily-usd": 7.5] && shown["limit_units"] == ["daily-usd": "usd"])
            #expect(shown["limits_not_applied"] == ["daily-usd"])
            let grant = shown["grants"]?[0]
            #expect(grant?["amount"] == 2.5 && grant?["unit"] == "usd" && grant?["applies"] == false)
        }
    }

    static let refusals: [(body: JSON, status: Int, code: String, pointer: String)] = [
        (["tier": "gold"], 422, "unknown_tier", "/tier"),
        (["tier": 5], 400, "invalid_field", "/tier"),
        (["tier": ""], 400, "invalid_field", "/tier"),
        (["frozen": "yes"], 400, "invalid_field", "/frozen"),
        (["limits": 5], 400, "invalid_field", "/limits"),
        (["limits": ["nope": 5]], 422, "unknown_allowance", "/limits/nope"),
        (["limits": ["a/b": nil]], 422, "unknown_allowance", "/limits/a~1b"),
        (["limits": ["company": 5]], 422, "unknown_allowance", "/limits/company"),
        (["limits": ["daily-tokens": "5"]], 400, "invalid_field", "/limits/daily-tokens"),
        (["limits": ["daily-tokens": -5]], 400, "invalid_field", "/limits/daily-tokens"),
        (["limits": ["daily-tokens": 1.5]], 400, "invalid_field", "/limits/daily-tokens"),
        (["limits": ["daily-tokens": 9_007_199_254_740_992]], 422, "amount_too_large", "/limits/daily-tokens"),
        (["limits": ["daily-usd": 90_071_993]], 422, "amount_too_large", "/limits/daily-usd"),
        (["nothing": 1], 400, "unknown_field", "/nothing"),
        (["reason": .string(String(repeating: "x", count: 501))], 400, "invalid_reason", "/reason"),
    ]

    @Test("what cannot be is refused, and nothing of it is kept", arguments: refusals)
    func refused(body: JSON, status: Int, code: String, pointer: String) async throws {
        try await ControlListener.run { listener in
            let answer = try await listener.put("/v1/users/u", body.with(["frozen": body["frozen"] ?? true]))
            #expect(answer.status == status && answer.code == code && answer.pointer == pointer)
            #expect(try await listener.get("/v1/users/u").json["frozen"] == false)
        }
    }

    @Test("a user can have 128 limits, and one more is refused without any of the change")
    func manyLimits() async throws {
        let names = (0..<130).map { "a\($0)" }
        let allowances = names.map { "{name: \($0), unit: tokens, limit: 10, window: day}" }.joined(separator: ", ")
        let policy = "default_tier: free\ntiers: {free: {allowances: [\(allowances)]}}"
        func limits(_ names: some Sequence<String>, _ value: JSON) -> JSON { ["limits": names.reduce([:]) { $0.with([$1: value]) }] }
        try await ControlListener.run(.init(policy: policy)) { listener in
            #expect(try await listener.put("/v1/users/u", limits(names.prefix(127), 1)).status == 200)
            let refused = try await listener.put("/v1/users/u", limits(names.suffix(3), 1))
            #expect(refused.status == 422 && refused.code == "too_many_limits" && refused.pointer == "/limits")
            #expect(try await listener.put("/v1/users/u", limits(names.suffix(1), 1)).status == 200)
            #expect(try await listener.get("/v1/users/u").json["limits"]?.keys.count == 128)
            #expect(try await listener.put("/v1/users/u", limits(names.prefix(1), nil)).status == 200)
        }
    }

    @Test("a body that is no JSON, or of another type, is refused")
    func malformed() async throws {
        try await ControlListener.run { listener in
            for body in ["", "{", "[]", #"{"tier":null,"tier":null}"#, #"{"frozen":true,}"#] {
                #expect(try await listener.put("/v1/users/u", text: body).status == 400)
            }
            #expect(try await listener.put("/v1/users/u", text: "{}", type: "text/plain").status == 415)
            #expect(try await listener.put("/v1/users/u?why=5", text: "{}").pointer == "/why")
            #expect(try await listener.get("/v1/users/%00").code == "invalid_user")
            let post = try await listener.post("/v1/users/u", [:])
            #expect(post.status == 405 && post["allow"] == "GET, HEAD, PUT, DELETE")
        }
    }

    @Test("users are listed in pages, and found by a part of their id")
    func list() async throws {
        try await ControlListener.run { listener in
            for user in ["anna", "joanna", "bob"] { _ = try await listener.put("/v1/users/\(user)", ["tier": "pro"]) }
            _ = try await listener.put("/v1/users/a%2Fb%20c", ["frozen": true])
            let page = try await listener.get("/v1/users?search=anna")
            #expect(page.json.keys == ["users", "next_cursor"] && page.json["next_cursor"] == .null)
            #expect(Set(page.json["users"]!.items.map { $0["user"]!.text }) == ["anna", "joanna"])
            #expect(
                try await listener.get("/v1/users?search=/").json["users"]
                    == [["user": "a/b c", "tier": "free", "frozen": true]])
            var (found, cursor) = ([String?](), "")
            repeat {
                let page = try await listener.get("/v1/users?limit=1" + (cursor.isEmpty ? "" : "&cursor=\(cursor)")).json
                found += page["users"]!.items.map { $0["user"]!.text }
                cursor = page["next_cursor"]?.text ?? ""
            } while !cursor.isEmpty
            #expect(found.count == 4 && Set(found) == ["anna", "joanna", "bob", "a/b c"])
            for (query, pointer) in [("limit=0", "/limit"), ("limit=1001", "/limit"), ("cursor=x", "/cursor"), ("page=2", "/page")] {
                let answer = try await listener.get("/v1/users?\(query)")
                #expect(answer.status == 400 && answer.pointer == pointer)
            }
        }
    }

    @Test("reading needs a read key, changing an ops key")
    func roles() async throws {
        let key = "a key that reads"
        let digest = "6fcb5dbae7cfccf0fb1b4e20a1383acc8c29ab4f006aaad2526ce134fdcfeb42"
        try await ControlListener.run(.init(keys: "- {key_sha256: \(digest), role: read}")) { listener in
            let without = try await listener.get("/v1/users/u")
            #expect(without.status == 401)
            let read = try await listener.client.get("/v1/users/u", "authorization: Bearer \(key)")
            #expect(read.status == 200)
            let change = try await listener.client.send("DELETE", "/v1/users/u", nil, "authorization: Bearer \(key)")
            #expect(change.status == 403 && change.code == "wrong_role")
        }
    }
}
