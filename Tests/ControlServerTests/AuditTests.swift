import TestSupport
import Testing

/// Audits and repairs over HTTP, of counters that somebody changed by hand.
@Suite("GET /v1/audit and POST /v1/audit/repair", .timeLimit(.minutes(1)))
struct AuditTests {
    private static let keys = """
        - {key_sha256: 2c69bc9111c27110a9b9a7974ba3f8ac0c053c16b23a0738115ee829fbc4d57b, role: ops, name: eva}
        - {key_sha256: 8578df6c579d44d3bf7caeada69ed9cbca30b318a50a0e60216b46760edf5477, role: read}
        """
    private static let ops = "authorization: Bearer ops-key"
    private static let read = "authorization: Bearer read-key"

    /// Bookings of ann and bob; of ann's counter Redis says 100 where her events say 2,200.
    private func run(keys: String? = nil, _ body: (Node) async throws -> Void) async throws {
        let database = RedisServer.shared.database()
        try await Bookings.run { setting in
            setting.database = database
            setting.keys = keys
        } _: { bookings in
            try await TestStore.spoilCounters(of: "ann", in: database)
            try await body(bookings.node)
        }
    }

    @Test("tell what differs, whose it is and by how much")
    func differences() async throws {
        try await run { node in
            let answer = try await node.get("/v1/audit")
            #expect(answer.status == 200 && answer.json["clean"] == false && answer.json["found"] == 1, "\(answer.json)")
            #expect(answer.json["checked"]?["users"] == 2 && answer.json["dry_run"] == nil && answer.json["repaired"] == nil)
            let difference = answer.json["differences"]?[0]
            #expect(difference?["user"] == "ann" && difference?["allowance"] == "daily" && difference?["unit"] == "tokens")
            #expect(difference?["used"] == 100 && difference?["ledger"] == 2_200)
            #expect(difference?["held"] == 0 && difference?["open_holds"] == 0 && difference?["window_start"]?.text != nil)
            let bob = try await node.get("/v1/audit?user=bob").json
            #expect(bob["clean"] == true && bob["checked"]?["users"] == 1 && bob["differences"] == [])
        }
    }

    @Test("repair nothing unless told to, then the user's alone, or all")
    func repair() async throws {
        try await run { node in
            let dry = try await node.post("/v1/audit/repair", [:]).json
            #expect(dry["dry_run"] == true && dry["repaired"] == 0 && dry["found"] == 1, "\(dry)")
            #expect(try await node.get("/v1/audit").json["found"] == 1, "a dry run changes nothing")
            let bob = try await node.post("/v1/audit/repair", ["user": "bob", "dry_run": false]).json
            #expect(bob["found"] == 0 && bob["repaired"] == 0 && bob["clean"] == true)
            let done = try await node.post("/v1/audit/repair", ["dry_run": false, "reason": "edited by hand"]).json
            #expect(done["dry_run"] == false && done["repaired"] == 1, "\(done)")
            #expect(try await node.get("/v1/audit").json["clean"] == true)
            #expect(try await node.get("/v1/users/ann").json["allowances"]?[0]?["used"] == 2_200)
        }
    }

    @Test("find nothing of a user whom nobody knows")
    func stranger() async throws {
        try await run { node in
            let answer = try await node.get("/v1/audit?user=nobody")
            #expect(answer.status == 200 && answer.json["clean"] == true && answer.json["checked"]?["counters"] == 0)
            let repair = try await node.post("/v1/audit/repair", ["user": "nobody", "dry_run": false])
            #expect(repair.status == 200 && repair.json["repaired"] == 0)
        }
    }

    @Test("let a read key look and an ops key repair")
    func roles() async throws {
        try await run(keys: Self.keys) { node in
            #expect(try await node.get("/v1/audit").status == 401)
            #expect(try await node.get("/v1/audit", Self.read).json["found"] == 1)
            for body in [["dry_run": true], ["dry_run": false]] as [JSON] {
                let refused = try await node.post("/v1/audit/repair", body, Self.read)
                #expect(refused.status == 403 && refused.code == "wrong_role")
            }
            #expect(try await node.post("/v1/audit/repair", ["dry_run": false], Self.ops).json["repaired"] == 1)
        }
    }

    @Test("name what they do not understand")
    func mistakes() async throws {
        try await Node.run { node in
            for (query, code, pointer) in [
                ("user=", "invalid_user", "/user"), ("user=%01", "invalid_user", "/user"), ("tier=x", "unknown_parameter", "/tier"),
                ("user=a&user=b", "invalid_query", "/user"),
            ] {
                let answer = try await node.get("/v1/audit?\(query)")
                #expect(answer.status == 400 && answer.code == code && answer.pointer == pointer, "\(query): \(answer.json)")
            }
            let bodies: [(JSON, code: String, pointer: String)] = [
                (["user": ""], "invalid_field", "/user"), (["dry_run": "no"], "invalid_field", "/dry_run"),
                (["repair": true], "unknown_field", "/repair"),
                (["reason": .string(String(repeating: "x", count: 501))], "invalid_reason", "/reason"),
            ]
            for (body, code, pointer) in bodies {
                let answer = try await node.post("/v1/audit/repair", body)
                #expect(answer.status == 400 && answer.code == code && answer.pointer == pointer, "\(body): \(answer.json)")
            }
            #expect(try await node.send("POST", "/v1/audit/repair", ["content-type: text/plain"], Array("{}".utf8)).status == 415)
            #expect(try await node.get("/v1/audit/repair").status == 405)
        }
    }

    @Test("are 503 where no ledger is kept")
    func withoutLedger() async throws {
        try await Node.run { node in
            let answers = [try await node.get("/v1/audit"), try await node.post("/v1/audit/repair", [:])]
            #expect(answers.allSatisfy { $0.status == 503 && $0.code == "ledger_unavailable" })
        }
    }
}
