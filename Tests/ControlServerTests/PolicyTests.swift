import BudgetModel
import BudgetStore
import TestSupport
import Testing

@Suite("Policy over HTTP") struct PolicyTests {
    @Test("a policy is answered as JSON, or as ops wrote it, with a tag")
    func aPolicyIsAnsweredInBothForms() async throws {
        try await Node.run { node in
            let json = try await node.get("/v1/policy")
            #expect(json.status == 200 && json["content-type"] == "application/json")
            #expect(json.json["tiers"]?["free"]?["allowances"]?.items.first?["limit"] == 10_000)
            let yaml = try await node.get("/v1/policy", "accept: application/yaml")
            #expect(String(decoding: yaml.body, as: UTF8.self) == Example.policy)
            #expect(yaml["etag"] == json["etag"] && json["etag"]?.hasPrefix("\"1-") == true)
        }
    }

    @Test("a new policy is in force when its answer comes, and the answer says what changes")
    func aNewPolicyIsInForceAtOnce() async throws {
        try await Node.run { node in
            let answer = try await node.put("/v1/policy", yaml: Example.policy(limit: 1_000))
            #expect(answer.status == 200 && answer.json["version"] == 2 && answer.json["dry_run"] == false)
            #expect(answer.json["changes"]?.items.first?["path"] == "tiers.free.allowances.daily-tokens.limit")
            #expect(try await node.reserve("u", input: 1_001).kind == .reject)
            #expect(try await node.reserve("u", input: 1_000).kind == .allow)
        }
    }

    @Test("a dry run tells the changes and stores nothing")
    func aDryRunStoresNothing() async throws {
        try await Node.run { node in
            let answer = try await node.put("/v1/policy?dry_run=true", yaml: Example.policy(limit: 1_000))
            #expect(answer.json["dry_run"] == true && answer.json["version"] == 1)
            #expect(answer.json["changes"]?.items.count == 1)
            #expect(try await node.get("/v1/policy/history").json["versions"]?.items.count == 1)
            #expect(try await node.reserve("u", input: 1_001).kind == .allow)
        }
    }

    @Test("the same text again is no new version")
    func theSameTextIsNoNewVersion() async throws {
        try await Node.run { node in
            let answer = try await node.put("/v1/policy", yaml: Example.policy)
            #expect(answer.status == 200 && answer.json["version"] == 1 && answer.json["changes"] == [])
        }
    }

    @Test("If-Match lets a change pass only on top of the version it was made from")
    func ifMatchGuardsAgainstLostUpdates() async throws {
        try await Node.run { node in
            let tag = try await node.get("/v1/policy")["etag"] ?? ""
            #expect(try await node.put("/v1/policy", yaml: Example.policy(limit: 1), "if-match: \(tag)").status == 200)
            let late = try await node.put("/v1/policy", yaml: Example.policy(limit: 2), "if-match: \(tag)")
            #expect(late.status == 412 && late.code == "version_conflict" && late.pointer == "/if-match")
            #expect(try await node.put("/v1/policy", yaml: Example.policy(limit: 3), "if-match: *").status == 200)
        }
    }

    @Test(
        "what is sent as JSON is strict JSON",
        arguments: [
            ("{} # comment", "malformed_json", ""), ("{\"currency\":\"USD\",}", "malformed_json", ""),
            ("\u{FEFF}{}", "malformed_json", ""), ("{\"tiers\":", "malformed_json", "/tiers"),
            ("{\"tiers\":{\"a\":{},\"a\":{}}}", "duplicate_field", "/tiers/a"),
            ("{\"tiers\":[{\"a\":1 2}]}", "malformed_json", "/tiers/0"),
        ])
    func strictJSON(text: String, code: String, pointer: String) async throws {
        try await Node.run { node in
            for path in ["/v1/policy", "/v1/prices"] {
                let answer = try await node.send("PUT", path, ["content-type: application/json"], Array(text.utf8))
                #expect(answer.status == 400 && answer.code == code && answer.pointer == pointer, "\(answer.json)")
                #expect(answer.json["detail"]?.text?.contains("YAML") == false)
            }
        }
    }

    @Test("whatever is not UTF-8 is named", arguments: [("/v1/policy?reason=%ff", "/reason"), ("/v1/users?search=%ff", "/search")])
    func brokenQueries(target: String, pointer: String) async throws {
        try await Node.run { node in
            let answer = try await node.get(target)
            #expect(answer.status == 400 && answer.code == "invalid_query" && answer.pointer == pointer)
            let policy = try await node.send("PUT", "/v1/policy", ["content-type: application/yaml"], [0xFF])
            #expect(policy.status == 400 && policy.code == "malformed_policy" && policy.pointer == "")
        }
    }

    @Test("a bad policy is refused with its place and never replaces a good one")
    func aBadPolicyNeverReplacesAGoodOne() async throws {
        try await Node.run { node in
            let negative = try await node.put("/v1/policy", yaml: Example.policy(limit: -5))
            #expect(negative.status == 422 && negative.code == "invalid_policy")
            #expect(negative.pointer == "/tiers/free/allowances/0/limit" && negative.json["line"] == 6)
            let broken = try await node.put("/v1/policy", yaml: "tiers: [")
            #expect(broken.status == 400 && broken.code == "malformed_policy")
            #expect(try await node.put("/v1/policy", yaml: "").status == 400)
            #expect(try await node.send("PUT", "/v1/policy", ["content-type: text/html"], [0x7B, 0x7D]).status == 415)
            #expect(try await node.get("/v1/policy/history").json["versions"]?.items.count == 1)
            #expect(try await node.reserve("u").kind == .allow)
        }
    }

    @Test("without a policy there is none to show, and the first one can be put")
    func theFirstPolicyCanBePut() async throws {
        var setting = Node.Setting()
        setting.policy = nil
        try await Node.run(setting) { node in
            let missing = try await node.get("/v1/policy")
            #expect(missing.status == 404 && missing.code == "no_policy")
            #expect(try await node.get("/readyz").code == "no_policy")
            #expect(try await node.put("/v1/policy", yaml: Example.policy).json["version"] == 1)
            #expect(try await node.get("/readyz").status == 200)
        }
    }

    @Test("history names who, when and why, the newest first; a version is shown whole")
    func historyNamesWhoWhenAndWhy() async throws {
        try await Node.run { node in
            _ = try await node.put("/v1/policy?reason=launch%20day", yaml: Example.policy(limit: 7), "x-actor: eva")
            let versions = try await node.get("/v1/policy/history").json["versions"]?.items ?? []
            #expect(versions.map { $0["version"] } == [2, 1] && versions.map { $0["current"] } == [true, false])
            #expect(versions[0]["actor"] == "eva" && versions[0]["reason"] == "launch day" && versions[0]["at"] != nil)
            #expect(versions[1]["actor"] == "file policy.yaml")
            let first = try await node.get("/v1/policy/history/1").json
            #expect(first["text"]?.text == Example.policy && first["policy"]?["default_tier"] == "free")
            #expect(try await node.get("/v1/policy/history?limit=1&before=2").json["versions"]?.items.count == 1)
            #expect(try await node.get("/v1/policy/history/9").code == "unknown_version")
        }
    }

    @Test("a rollback brings an old version back as a new one")
    func aRollbackIsANewVersion() async throws {
        try await Node.run { node in
            _ = try await node.put("/v1/policy", yaml: Example.policy(limit: 1))
            let answer = try await node.post("/v1/policy/rollback", ["version": 1, "reason": "too tight"])
            #expect(answer.json["version"] == 3 && answer.json["rolled_back_to"] == 1)
            let newest = try await node.get("/v1/policy/history").json["versions"]?.items.first
            #expect(newest?["rolled_back_to"] == 1 && newest?["reason"] == "too tight")
            #expect(try await node.reserve("u").kind == .allow)
        }
    }

    @Test(
        "a bad rollback names its field",
        arguments: [
            (#"{"version":9}"#, 422, "/version"), (#"{"version":-1}"#, 400, "/version"), ("{}", 400, "/version"),
            (#"{"version":1,"why":"x"}"#, 400, "/why"),
        ])
    func aBadRollbackNamesItsField(body: String, status: Int, pointer: String) async throws {
        try await Node.run { node in
            let answer = try await node.post("/v1/policy/rollback", JSON(parsing: Array(body.utf8)))
            #expect(answer.status == status && answer.pointer == pointer)
        }
    }

    @Test("a policy that allows nothing, or everything, is warned of, and then does so")
    func policiesForNobodyAreWarnedOf() async throws {
        try await Node.run { node in
            #expect(try await node.put("/v1/policy?dry_run=true", yaml: Example.policy).json["warnings"] == [])
            let nothing = try await node.put("/v1/policy", [:])
            #expect(nothing.status == 200)
            #expect(nothing.json["warnings"] == ["The policy has no tier: every request is refused (422 unknown_tier)."])
            await #expect(throws: BudgetError.plan(.unknownTier(nil))) { try await node.reserve("u") }
            let tier = try await node.put("/v1/tiers/free", [:])
            #expect(tier.json["warnings"]?.items.count == 1)
            let all = try await node.put("/v1/policy", ["default_tier": "free", "tiers": ["free": [:]]])
            #expect(all.json["warnings"]?.items.first?.text?.contains("every request is allowed") == true)
            #expect(try await node.reserve("u", input: 1_000_000_000).kind == .allow)
            let shadow = Example.policy.replacing("per: [user]}", with: "per: [user], shadow: true}")
            #expect(try await node.put("/v1/policy", yaml: shadow).json["warnings"] == all.json["warnings"])
            #expect(try await node.post("/v1/policy/rollback", ["version": 1]).json["warnings"] == [])
        }
    }

    @Test("a bad reason is refused, even beside a good one")
    func aBadReasonIsRefused() async throws {
        try await Node.run { node in
            let answer = try await node.post("/v1/policy/rollback?reason=%07", ["version": 1, "reason": "too tight"])
            #expect(answer.status == 400 && answer.code == "invalid_reason" && answer.pointer == "/reason")
        }
    }

    @Test("an actor that is no UTF-8, or not as it was written, is refused; nothing is stored in its name")
    func aMendedActorIsRefused() async throws {
        try await Node.run { node in
            for bytes: [UInt8] in [[0x65, 0xFF], [0xC3], [0xEF, 0xBF, 0xBD], [0x61, 0xC2, 0x85], [0x61, 0x09, 0x62]] {
                let answer = try await Self.put(bytes, node)
                #expect(answer.status == 400 && answer.code == "invalid_actor" && answer.pointer == "/x-actor", "\(bytes)")
            }
            #expect(try await Self.put(Array("zo\u{EB}".utf8), node).status == 200)
            let actors = try await node.get("/v1/policy/history").json["versions"]?.items.map { $0["actor"] }
            #expect(actors == ["zo\u{EB}", "file policy.yaml"])
        }
    }

    private static func put(_ actor: [UInt8], _ node: Node) async throws -> Answer {
        let body = Array(Example.policy(limit: 5).utf8)
        let head = "PUT /v1/policy HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/yaml\r\ncontent-length: \(body.count)\r\n"
        return try await Wire.open(port: node.port) { wire in
            try await wire.send(Array((head + "x-actor: ").utf8) + actor + Array("\r\n\r\n".utf8) + body)
            return try await wire.answer()
        }
    }
}
