import BudgetHTTP
import BudgetModel
import TestSupport
import Testing

@Suite("Tiers over HTTP") struct TierTests {
    private static func tier(limit: JSON) -> JSON {
        ["allowances": [["name": "daily-tokens", "unit": "tokens", "limit": limit, "window": "day", "per": ["user"]]]]
    }

    @Test("tiers are listed in the policy's order, the default one marked")
    func tiersAreListed() async throws {
        try await Node.run { node in
            let tiers = try await node.get("/v1/tiers").json["tiers"]?.items ?? []
            #expect(tiers.map { $0["name"] } == ["free", "pro"] && tiers.map { $0["default"] } == [true, false])
            #expect(tiers[1]["allowances"]?.items.first?["limit"] == 50_000)
        }
    }

    @Test("a tier can be put back as it was got, and only what differs changes")
    func oneNumberChanges() async throws {
        try await Node.run { node in
            let tier = try await node.get("/v1/tiers/free").json
            #expect(tier == Self.tier(limit: 10_000))
            let answer = try await node.put("/v1/tiers/free", Self.tier(limit: 60_000))
            #expect(answer.status == 200 && answer.json["version"] == 2 && answer.json["tier"] == Self.tier(limit: 60_000))
            #expect(answer.json["changes"]?.items.map { $0["from"] } == ["10000"])
            let text = try await node.get("/v1/policy", "accept: application/yaml").body
            #expect(String(decoding: text, as: UTF8.self) == Example.policy(limit: 60_000), "comments stay where they were")
        }
    }

    @Test("an error in another tier whose name begins like this one's keeps its place in the whole policy")
    func pointersIntoASectionEndWithItsName() throws {
        let error = PolicyError(
            file: "policy", line: 7, column: 3, path: "tiers.freemium.ladder", problem: "is wrong", advice: "mend it")
        let other = Problem(error, inside: "/tiers/free")
        #expect(other.pointer == "/tiers/freemium/ladder" && other.place?.line == 7)
        let own = Problem(error, inside: "/tiers/freemium")
        #expect(own.pointer == "/ladder" && own.place == nil)
    }

    @Test("a tier can be added and deleted")
    func aTierCanBeAddedAndDeleted() async throws {
        try await Node.run { node in
            let added = try await node.put("/v1/tiers/team", Self.tier(limit: 1))
            #expect(added.status == 200)
            #expect(try await node.get("/v1/tiers/team").status == 200)
            #expect(try await node.delete("/v1/tiers/team").json["version"] == 3)
            #expect(try await node.get("/v1/tiers/team").code == "unknown_tier")
            #expect(try await node.delete("/v1/tiers/team").status == 404)
        }
    }

    @Test("the reason for a deletion may stand in its body, and nothing else may")
    func deletionsTakeAReason() async throws {
        try await Node.run { node in
            func delete(_ path: String, _ body: String) async throws -> Answer {
                try await node.send("DELETE", path, ["content-type: application/json"], Array(body.utf8))
            }
            for path in ["/v1/tiers/pro", "/v1/users/u"] {
                let stranger = try await delete(path, #"{"reason":"x","x":1}"#)
                #expect(stranger.code == "unknown_field" && stranger.pointer == "/x")
            }
            #expect(try await delete("/v1/users/u", #"{"reason":"x"}"#).status == 200)
            #expect(try await delete("/v1/tiers/pro", #"{"reason":"nobody's"}"#).status == 200)
            #expect(try await node.get("/v1/policy/history").json["versions"]?[0]?["reason"] == "nobody's")
        }
    }

    @Test("the default tier cannot be deleted")
    func theDefaultTierCannotBeDeleted() async throws {
        try await Node.run { node in
            let answer = try await node.delete("/v1/tiers/free")
            #expect(answer.status == 422 && answer.pointer == "/default_tier")
            #expect(answer.json["detail"]?.text == "\"free\" is the default tier: name another in default_tier first.")
        }
    }

    @Test("without a policy no tier is unknown: there is none yet")
    func withoutAPolicy() async throws {
        var setting = Node.Setting()
        setting.policy = nil
        try await Node.run(setting) { node in
            let shown = try await node.get("/v1/tiers/free")
            let deleted = try await node.delete("/v1/tiers/free")
            #expect([shown.code, deleted.code] == ["no_policy", "no_policy"] && shown.status == 404 && deleted.status == 404)
        }
    }

    @Test("a bad tier names the field in what was sent")
    func aBadTierNamesItsField() async throws {
        try await Node.run { node in
            let negative = try await node.put("/v1/tiers/free", Self.tier(limit: -1))
            #expect(negative.status == 422 && negative.pointer == "/allowances/0/limit")
            let unknown = try await node.put("/v1/tiers/free", ["allowance": []])
            #expect(unknown.status == 422 && unknown.pointer == "/allowance")
            #expect(try await node.send("PUT", "/v1/tiers/free", ["content-type: application/json"], Array("{".utf8)).status == 400)
            #expect(try await node.get("/v1/tiers/free").json == Self.tier(limit: 10_000))
        }
    }

    @Test("edits made at the same moment all count")
    func concurrentEditsAllCount() async throws {
        try await Node.runTwo { first, second in
            try await withThrowingTaskGroup(of: Int.self) { group in
                for index in 0..<12 {
                    group.addTask {
                        try await (index % 2 == 0 ? first : second).put("/v1/tiers/t\(index)", Self.tier(limit: 5)).status
                    }
                }
                for try await status in group { #expect(status == 200) }
            }
            #expect(try await first.get("/v1/tiers").json["tiers"]?.items.count == 14)
            #expect(try await first.get("/v1/policy/history").json["versions"]?.items.count == 13)
        }
    }
}
