import BudgetModel
import TestSupport
import Testing

@Suite("Prices over HTTP") struct PriceTests {
    private static let document = "prices: {gpt-4o: {input: 2.50, output: 10}, gpt-4o-mini: {input: 0.15, output: 0.60}}"

    @Test("the price document is stored, answered with its origin, and the policy's own prices win by name")
    func pricesOfBothAreAnswered() async throws {
        var setting = Node.Setting()
        setting.policy = Example.policy + "\nprices: {gpt-4o: {input: 5}}"
        try await Node.run(setting) { node in
            let put = try await node.put("/v1/prices", yaml: Self.document)
            #expect(put.status == 200 && put.json["version"] == 1 && put.json["changes"]?.items.count == 2)
            let prices = try await node.get("/v1/prices").json
            #expect(prices["prices"]?["gpt-4o"] == ["input": 5, "from": "policy"])
            #expect(prices["prices"]?["gpt-4o-mini"] == ["input": 0.15, "output": 0.6, "from": "document"])
            #expect(prices["price_version"]?.text?.count == 16)
        }
    }

    @Test("one model is found as a request would find it; an unknown one is 404")
    func oneModelIsFound() async throws {
        try await Node.run { node in
            _ = try await node.put("/v1/prices", yaml: Self.document)
            let dated = try await node.get("/v1/prices?model=gpt-4o-2024-11-20").json["prices"]
            #expect(dated?.keys == ["gpt-4o"])
            let unknown = try await node.get("/v1/prices?model=llama")
            #expect(unknown.status == 404 && unknown.code == "unknown_model" && unknown.pointer == "/model")
        }
    }

    @Test("a price that begins later holds from then on, and the past keeps its own")
    func effectiveDatesAreKept() async throws {
        try await Node.run { node in
            _ = try await node.put("/v1/prices?effective_from=2020-01-01", yaml: Self.document)
            let dearer = Self.document.replacing("2.50", with: "3")
            _ = try await node.put("/v1/prices?effective_from=2100-01-01", yaml: dearer)
            func input(_ query: String) async throws -> JSON? {
                try await node.get("/v1/prices?model=gpt-4o\(query)").json["prices"]?["gpt-4o"]?["input"]
            }
            #expect(try await input("") == 2.5)
            #expect(try await input("&at=2099-12-31") == 2.5)
            #expect(try await input("&at=2100-01-01T00:00:00Z") == 3)
            #expect(try await node.get("/v1/prices?model=gpt-4o&at=2019-01-01").status == 404)
            let versions = try await node.get("/v1/prices/history").json["versions"]?.items ?? []
            #expect(versions.map { $0["current"] } == [false, true])
            #expect(versions.map { $0["effective_from"] } == ["2100-01-01T00:00:00Z", "2020-01-01T00:00:00Z"])
        }
    }

    @Test("new prices decide from the next request on")
    func newPricesDecideAtOnce() async throws {
        var setting = Node.Setting()
        setting.policy = """
            default_tier: free
            tiers: {free: {allowances: [{name: cents, unit: usd, limit: 0.01, window: day, per: [user]}]}}
            """
        try await Node.run(setting) { node in
            await #expect(throws: (any Error).self) { try await node.reserve("u") }
            _ = try await node.put("/v1/prices", yaml: Self.document)
            #expect(try await node.reserve("u", input: 4_000).held?.cost == 1_000_000)
            #expect(try await node.reserve("v", input: 4_001).kind == .reject)
        }
    }

    @Test("LiteLLM's catalogue is imported with a report of what was taken and what was not")
    func aCatalogueIsImported() async throws {
        let catalogue = """
            {"gpt-4o": {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": 2.5e-06,
              "output_cost_per_token": 1e-05, "max_output_tokens": 16384},
             "dall-e-3": {"litellm_provider": "openai", "mode": "image_generation", "input_cost_per_pixel": 1e-08}}
            """
        try await Node.run { node in
            let trial = try await node.send(
                "POST", "/v1/prices/import?dry_run=true", ["content-type: application/json"], Array(catalogue.utf8))
            #expect(trial.json["taken"] == 1 && trial.json["added"] == 1 && trial.json["version"] == .null)
            #expect(trial.json["skipped"]?.items.first?["examples"] == ["dall-e-3"])
            let done = try await node.send(
                "POST", "/v1/prices/import", ["content-type: application/json"], Array(catalogue.utf8))
            #expect(done.json["version"] == 1 && done.json["dry_run"] == false)
            #expect(
                try await node.get("/v1/prices?model=gpt-4o").json["prices"]?["gpt-4o"]
                    == ["input": 2.5, "output": 10, "max_output_tokens": 16_384, "from": "document"])
        }
    }

    @Test("a catalogue of which nothing is usable is refused with what became of each entry")
    func anEmptyCatalogueIsAccountedFor() async throws {
        let catalogue = #"{"dall-e-3": {"input_cost_per_pixel": 1e-08}, "tiers": {"free": {}}, "sample_spec": {}, "x": 5}"#
        try await Node.run { node in
            let answer = try await node.send(
                "POST", "/v1/prices/import", ["content-type: application/json"], Array(catalogue.utf8))
            #expect(answer.status == 422 && answer.code == "empty_catalogue" && answer.json["taken"] == 0)
            #expect(
                answer.json["skipped"] == [
                    ["reason": "not_a_model", "count": 1, "examples": ["sample_spec"]],
                    ["reason": "no_token_price", "count": 1, "examples": ["tiers"]],
                    ["reason": "not_priced_per_token", "count": 1, "examples": ["dall-e-3"]],
                    ["reason": "malformed", "count": 1, "examples": ["x: it is no object"]],
                ])
            #expect(answer.json["notes"] == [])
        }
    }

    @Test("prices that the policy in force could not stand with are refused")
    func pricesThatPolicyNeedsStay() async throws {
        try await Node.run { node in
            _ = try await node.put("/v1/prices", yaml: Self.document)
            let ladder = Example.policy.replacing("free:\n", with: "free:\n    degrade_to: [gpt-4o-mini]\n")
            #expect(try await node.put("/v1/policy", yaml: ladder).status == 200)
            let answer = try await node.put("/v1/prices", yaml: "prices: {gpt-4o: {input: 1}}")
            #expect(answer.status == 422 && answer.code == "policy_needs_price")
            #expect(try await node.get("/v1/prices?model=gpt-4o-mini").status == 200)
        }
    }

    @Test(
        "bad input is refused with what is wrong",
        arguments: [
            ("PUT", "/v1/prices", "prices: {m: {inptu: 1}}", 422, "/prices/m/inptu"),
            ("PUT", "/v1/prices?effective_from=soon", "prices: {m: {input: 1}}", 400, "/effective_from"),
            ("PUT", "/v1/prices", "prices: [", 400, ""),
        ])
    func badInputIsRefused(method: String, path: String, body: String, status: Int, pointer: String) async throws {
        try await Node.run { node in
            let answer = try await node.put(path, yaml: body)
            #expect(answer.status == status && answer.pointer ?? "" == pointer)
            #expect(try await node.get("/v1/prices/history").json["versions"] == [])
        }
    }
}
