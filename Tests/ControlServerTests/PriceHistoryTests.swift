import BudgetModel
import BudgetStore
import TestSupport
import Testing

@Suite("Prices over time and nodes") struct PriceHistoryTests {
    private static let document = "prices: {gpt-4o: {input: 2.50}, gpt-4o-mini: {input: 0.15}}"

    private static func input(_ node: Node, _ query: String = "") async throws -> JSON? {
        try await node.get("/v1/prices?model=gpt-4o\(query)").json["prices"]?["gpt-4o"]?["input"]
    }

    private static func ladder(_ model: String) -> String {
        Example.policy.replacing("free:\n", with: "free:\n    degrade_to: [\(model)]\n")
    }

    @Test("prices reach the other node, and a node that starts later")
    func pricesReachEveryNode() async throws {
        let setting = Node.Setting()
        try await Node.runTwo(setting) { first, second in
            _ = try await first.put("/v1/prices", yaml: Self.document)
            try await eventually("the prices") { try await Self.input(second) == 2.5 }
        }
        try await Node.run(setting) { node in
            let input = try await Self.input(node)
            #expect(input == 2.5)
        }
    }

    @Test("a price whose time comes decides by itself")
    func aPriceComesIntoForceByItself() async throws {
        try await Node.run { node in
            _ = try await node.put("/v1/prices", yaml: Self.document)
            let soon = Timestamp.text(try await node.stores.now() + 400, alwaysMilliseconds: true)
            let put = try await node.put("/v1/prices?effective_from=\(soon)", yaml: Self.document.replacing("2.50", with: "3"))
            #expect(put.json["version"] == 2)
            var user = 0
            try await eventually("the new price") {
                user += 1
                return try await node.reserve("u\(user)").held?.cost == 300_000
            }
        }
    }

    @Test("a discount whose time comes decides by itself")
    func aDiscountBeginsByItself() async throws {
        try await Node.run { node in
            let soon = Timestamp.text(try await node.stores.now() + 400, alwaysMilliseconds: true)
            let discount = "\ndiscounts: [{name: half, percent: 50%, from: \"\(soon)\"}]"
            #expect(try await node.put("/v1/prices", yaml: Self.document + discount).status == 200)
            #expect(try await node.reserve("before").held?.cost == 250_000)
            var user = 0
            try await eventually("the discount") {
                user += 1
                return try await node.reserve("u\(user)").held?.cost == 125_000
            }
        }
    }

    @Test("the past is not priced anew, and what will never come into force is told")
    func thePastStays() async throws {
        try await Node.run { node in
            _ = try await node.put("/v1/prices", yaml: Self.document)
            let past = try await node.put("/v1/prices?effective_from=2020-01-01", yaml: Self.document.replacing("2.50", with: "9"))
            #expect(past.status == 422 && past.code == "effective_from_past" && past.pointer == "/effective_from")
            _ = try await node.put("/v1/prices?effective_from=2100-01-01", yaml: Self.document.replacing("2.50", with: "3"))
            let now = try await node.put("/v1/prices", yaml: Self.document.replacing("2.50", with: "4"))
            #expect(now.json["supersedes"] == [["version": 2, "effective_from": "2100-01-01T00:00:00Z"]])
            #expect(try await Self.input(node, "&at=2101-01-01") == 4)
            let versions = try await node.get("/v1/prices/history").json["versions"]?.items ?? []
            #expect(versions.map { $0["superseded_by"] } == [nil, 3, nil])
            let later = try await node.put("/v1/prices", yaml: Self.document)
            #expect(later.json["supersedes"] == [], "what is cancelled already is not cancelled again")
        }
    }

    @Test("of scheduled versions only those are superseded that are due no sooner")
    func whatIsDueSoonerStays() async throws {
        try await Node.run { node in
            _ = try await node.put("/v1/prices", yaml: Self.document)
            for year in [2100, 2200, 2300] {
                let document = Self.document.replacing("2.50", with: "\(year)")
                #expect(try await node.put("/v1/prices?effective_from=\(year)-01-01", yaml: document).json["supersedes"] == [])
            }
            let document = Self.document.replacing("2.50", with: "9")
            let change = try await node.put("/v1/prices?effective_from=2200-01-01&dry_run=true", yaml: document)
            #expect(change.json["supersedes"]?.items.map { $0["version"] } == [3, 4])
        }
    }

    @Test("a cancelled version is brought back at its time, a dry run stores nothing")
    func aRollbackBringsPricesBack() async throws {
        try await Node.run { node in
            _ = try await node.put("/v1/prices", yaml: Self.document)
            _ = try await node.put("/v1/prices?effective_from=2100-01-01", yaml: Self.document.replacing("2.50", with: "3"))
            _ = try await node.put("/v1/prices", yaml: Self.document.replacing("2.50", with: "4"))
            let tried = try await node.post("/v1/prices/rollback?dry_run=true&effective_from=2100-01-01", ["version": 2])
            #expect(tried.status == 200 && tried.json["dry_run"] == true && tried.json["rolled_back_to"] == 2)
            #expect(tried.json["changes"]?.items.first?["to"] == "3")
            let body: JSON = ["version": 2, "reason": "after all"]
            let back = try await node.post("/v1/prices/rollback?effective_from=2100-01-01", body)
            #expect(back.json["version"] == 4 && back.json["supersedes"] == [])
            #expect(try await Self.input(node) == 4)
            #expect(try await Self.input(node, "&at=2101-01-01") == 3)
            let newest = try await node.get("/v1/prices/history").json["versions"]?.items.first
            #expect(newest?["rolled_back_to"] == 2 && newest?["reason"] == "after all")
            let unknown = try await node.post("/v1/prices/rollback", ["version": 9])
            #expect(unknown.status == 422 && unknown.code == "unknown_version" && unknown.pointer == "/version")
        }
    }

    @Test("a version of the prices is shown with what it said")
    func aVersionIsShown() async throws {
        try await Node.run { node in
            _ = try await node.put("/v1/prices", yaml: Self.document)
            _ = try await node.put("/v1/prices", yaml: "prices: {gpt-4o: {input: 7}}")
            let first = try await node.get("/v1/prices/history/1").json
            #expect(first["version"] == 1 && first["current"] == false && first["text"]?.text == Self.document)
            #expect(first["document"]?["prices"]?["gpt-4o-mini"]?["input"] == 0.15)
            let none = try await node.get("/v1/prices/history/3")
            #expect(none.status == 404 && none.code == "unknown_version")
            #expect(try await node.get("/v1/prices/history/x").code == "invalid_version")
        }
    }

    @Test("a price of the policy is shown as it was at the time")
    func thePolicysPricesHaveATime() async throws {
        try await Node.run { node in
            func policy(_ input: Int) -> String { Example.policy + "\nprices: {gpt-4o: {input: \(input)}}\n" }
            let before = Timestamp.text(try await node.stores.now() - 60_000, alwaysMilliseconds: true)
            _ = try await node.put("/v1/policy", yaml: policy(7))
            let between = try #require(
                try await node.get("/v1/policy/history").json["versions"]?.items.first?["at"]?.text)
            try await Task.sleep(for: .milliseconds(5))
            #expect(try await node.put("/v1/policy", yaml: policy(9)).json["version"] == 3)
            #expect(try await Self.input(node) == 9)
            let then = try await node.get("/v1/prices?model=gpt-4o&at=\(between)").json
            #expect(then["prices"]?["gpt-4o"]?["input"] == 7 && then["policy_version"] == 2 && then["policy_undated"] == nil)
            let sooner = try await node.get("/v1/prices?at=\(before)").json
            #expect(sooner["prices"] == [:] && sooner["policy_version"] == .null)
        }
    }

    @Test("an import that no node could read back is refused: an alias would lead nowhere")
    func anImportThatCannotBeReadBackIsRefused() async throws {
        try await Node.run { node in
            _ = try await node.put("/v1/prices", yaml: "prices: {house-llm: {input: 1}}\naliases: {house: house-llm}")
            let catalogue =
                #"{"gpt-4o":{"litellm_provider":"openai","mode":"chat","input_cost_per_token":1e-06,"output_cost_per_token":1e-06}}"#
            let answer = try await node.send(
                "POST", "/v1/prices/import", ["content-type: application/json"], Array(catalogue.utf8))
            #expect(answer.status == 422 && answer.code == "invalid_prices" && answer.pointer == "/aliases/house")
            #expect(try await node.get("/v1/prices/history").json["versions"]?.items.count == 1)
        }
    }

    @Test("a rollback to a policy whose models have no price any more is refused")
    func aRollbackIsReadLikeAPut() async throws {
        try await Node.run { node in
            _ = try await node.put("/v1/prices", yaml: Self.document)
            #expect(try await node.put("/v1/policy", yaml: Self.ladder("gpt-4o-mini")).json["version"] == 2)
            _ = try await node.put("/v1/policy", yaml: Example.policy)
            #expect(try await node.put("/v1/prices", yaml: "prices: {gpt-4o: {input: 1}}").status == 200)
            let answer = try await node.post("/v1/policy/rollback", ["version": 2])
            #expect(answer.status == 422 && answer.code == "invalid_policy")
            #expect(try await node.reserve("u").kind == .allow)
        }
    }

    @Test("a policy must stand with prices that are still to come")
    func aPolicyStandsWithPricesToCome() async throws {
        try await Node.run { node in
            _ = try await node.put("/v1/prices", yaml: Self.document)
            _ = try await node.put("/v1/prices?effective_from=2100-01-01", yaml: "prices: {gpt-4o: {input: 1}}")
            let answer = try await node.put("/v1/policy", yaml: Self.ladder("gpt-4o-mini"))
            #expect(answer.status == 422 && answer.code == "policy_needs_price")
        }
    }

    @Test("an unreadable document is replaced by a whole one, not edited")
    func anUnreadableDocumentIsReplaced() async throws {
        try await Node.run { node in
            let facts = DocumentFacts(actor: "eva", reason: "")
            let _: DocumentVersion = try await node.stores.ask {
                $0.publish(.policy, "tiers: {free: {from_a_newer_version: true}}", facts, basis: nil, $1)
            }
            let edit = try await node.put("/v1/tiers/more", ["allowances": []])
            #expect(edit.status == 409 && edit.code == "stored_policy_unreadable")
            #expect(try await node.put("/v1/policy", yaml: Example.policy(limit: 7)).json["version"] == 3)
            #expect(try await node.reserve("u", input: 8).kind == .reject)
        }
    }

    @Test("a store restored to another text under the same number is followed")
    func anotherTextUnderTheSameNumberIsFollowed() async throws {
        try await Node.run { node in
            let facts = DocumentFacts(actor: "eva", reason: "")
            let _: Reply = try await node.stores.ask { store, answer in
                store.connection.send(Command("DEL", "tb:d:policy")) { answer($0.mapError(BudgetError.store)) }
            }
            // Whoever is first, this or the node that restores what was lost: the last word is followed.
            let _: DocumentVersion = try await node.stores.ask { $0.publish(.policy, Example.policy(limit: 5), facts, basis: nil, $1) }
            try await eventually("the last policy") { try await node.reserve("u", input: 6).kind == .reject }
        }
    }
}
