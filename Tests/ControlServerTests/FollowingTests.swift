import BudgetModel
import BudgetStore
import ControlServer
import TestSupport
import Testing

@Suite("Nodes follow the stored policy") struct FollowingTests {
    @Test("a change on one node reaches the other")
    func aChangeReachesTheOtherNode() async throws {
        try await Node.runTwo { first, second in
            #expect(try await second.reserve("u", input: 5_000).kind == .allow)
            _ = try await first.put("/v1/policy", yaml: Example.policy(limit: 100))
            try await eventually("the change") { await second.keeper.status.version == 2 }
            #expect(try await second.reserve("u", input: 101).kind == .reject)
        }
    }

    @Test("a stored policy wins over a policy file; --policy-apply stores the file")
    func aStoredPolicyWins() async throws {
        let seeded = Node.Setting()
        try await Node.run(seeded) { #expect(await $0.keeper.status.version == 1) }
        var differing = seeded
        differing.policy = Example.policy(limit: 3)
        try await Node.run(differing) { node in
            let limit = try await node.get("/v1/tiers/free").json["allowances"]?.items.first?["limit"]
            #expect(limit == 10_000)
        }
        var applied = differing
        applied.applies = true
        try await Node.run(applied) { node in
            try await eventually("the file's policy") { await node.keeper.status.version == 2 }
            let limit = try await node.get("/v1/tiers/free").json["allowances"]?.items.first?["limit"]
            #expect(limit == 3)
        }
    }

    @Test("a node that cannot read the stored policy keeps the last good one and says so")
    func anUnreadablePolicyIsNotFollowed() async throws {
        try await Node.run { node in
            let text = "tiers: {free: {from_a_newer_version: true}}"
            let facts = DocumentFacts(actor: "eva", reason: "")
            let _: DocumentVersion = try await node.stores.ask { $0.publish(.policy, text, facts, basis: nil, $1) }
            try await eventually("a policy nobody can read") { await !node.keeper.status.isFollowing }
            #expect(await node.keeper.status.version == 1)
            #expect(try await node.reserve("u").kind == .allow)
            let verbose = try await node.get("/readyz?verbose")
            let check = verbose.json["checks"]?.items.first { $0["name"] == "policy_follows" }
            #expect(verbose.status == 200 && check?["ok"] == false && check?["detail"]?.text?.contains("from_a_newer_version") == true)
        }
    }

    @Test("a store that lost its policy gets it again")
    func aLostPolicyIsStoredAgain() async throws {
        try await Node.run { node in
            let emptied: Reply = try await node.stores.ask { store, answer in
                store.connection.send(Command("FLUSHDB")) { answer($0.mapError(BudgetError.store)) }
            }
            #expect(emptied == .status("OK"))
            try await eventually("the policy") { try await node.get("/v1/policy/history").json["versions"]?.items.count == 1 }
            let version = try await node.get("/v1/policy/history").json["versions"]?.items.first
            #expect(version?["actor"] == "token-budget")
            #expect(try await node.reserve("u").kind == .allow)
        }
    }
}
