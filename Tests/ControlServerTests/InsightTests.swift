import BudgetModel
import BudgetStore
@testable import ControlServer
import TestSupport
import Testing
import UsageLedger

/// Forecast and insights over HTTP, from usage that was reserved, committed and has come into the ledger.
@Suite("Forecast and insights over HTTP", .timeLimit(.minutes(1)))
struct InsightTests {
    private static let policy = """
        default_tier: free
        allowances:
          - {name: company, unit: usd, limit: 1000, window: month, per: []}
          - {name: trial, unit: usd, limit: 1000, window: month, per: [], shadow: true}
        tiers:
          free:
            allowances: [{name: daily, unit: tokens, limit: 1000000, window: day}, {name: open, unit: in_flight, limit: 99}]
            degrade_to: [large, small]
        prices:
          large: {input: 2.50, output: 10.00, max_output_tokens: 1000}
          small: {input: 0.15, output: 0.60, max_output_tokens: 1000}
        """

    /// 20 requests of ann's on `large`, 1,000 input and 100 of 1,000 output tokens: $0.0035 each.
    private func run(_ body: (Node) async throws -> Void) async throws {
        var setting = Node.Setting()
        setting.policy = Self.policy
        setting.keepsLedger = true
        try await Node.run(setting) { node in
            for _ in 0..<20 {
                try await node.spend("ann", "large", maximumOutput: 1_000) {
                    $0.feature = "chat"
                    $0.plan = "pro"
                }
            }
            try await node.booked(20)
            try await body(node)
        }
    }

    @Test("what is booked is foreseen, in whole and by feature, and how long shared allowances last")
    func forecast() async throws {
        try await run { node in
            let answer = try await node.get("/v1/forecast?by=feature")
            #expect(answer.status == 200 && answer.json["time_zone"] == "UTC")
            #expect(answer.json["spend"]?["spent_usd"] == 0.07)
            #expect(answer.json["spend"]?["expected_usd"] == .null, "there is no full day")
            #expect(answer.json["spend"]?["confidence"] == "low")
            let groups = answer.json["groups"]?.items ?? []
            #expect(groups.map { $0["feature"] } == ["chat"] && groups.first?["spent_usd"] == 0.07)
            let allowances = answer.json["allowances"]?.items ?? []
            #expect(allowances.map { $0["name"] } == ["company"], "no shadow ones")
            #expect(allowances.first?["used"] == 0.07 && allowances.first?["sentence"]?.text?.contains("\"company\"") == true)
        }
    }

    @Test("a user is foreseen with the user's own allowances")
    func user() async throws {
        try await run { node in
            let answer = try await node.get("/v1/forecast?user=ann")
            #expect(answer.json["user"] == "ann" && answer.json["spend"]?["spent_usd"] == 0.07)
            #expect(answer.json["allowances"]?.items.map { $0["name"] } == ["daily"])
            #expect(try await node.get("/v1/forecast?user=nobody").json["spend"]?["spent_usd"] == 0)
        }
    }

    @Test("what could cost less is told with its figures")
    func insights() async throws {
        try await run { node in
            let answer = try await node.get("/v1/insights?revenue=pro:0.05,team:7")
            #expect(answer.status == 200 && answer.json["examined"]?["requests"] == 20)
            let found = answer.json["insights"]?.items ?? []
            #expect(found.map { $0["kind"] } == ["smaller_model", "cost_above_plan", "output_limit"])
            #expect(found[0]["saving_usd"] == 0.0658 && found[0]["subject"] == ["feature": "chat", "model": "large"])
            #expect(found[0]["evidence"]?["suggested_model"] == "small")
            #expect(found[1]["saving_usd"] == 0.02 && found[1]["subject"] == ["user": "ann", "plan": "pro"])
            #expect(found[2]["evidence"]?["suggested_max_output_tokens"] == 100)
            #expect(found.allSatisfy { $0["saving_usd_30_days"] == .null }, "under a day of data")
            #expect(try await node.get("/v1/insights?to=2020-01-09").json["insights"] == [])
            #expect(try await node.get("/v1/insights?since=2d").json["examined"]?["requests"] == 20)
        }
    }

    @Test(
        "a parameter that means nothing is named",
        arguments: [
            ("/v1/forecast?by=user", "/by"), ("/v1/forecast?user=", "/user"), ("/v1/forecast?days=3", "/days"),
            ("/v1/insights?from=yesterday", "/from"), ("/v1/insights?from=2026-01-02&to=2026-01-02", "/from"),
            ("/v1/insights?revenue=pro", "/revenue"), ("/v1/insights?revenue=pro:1,pro:2", "/revenue"),
            ("/v1/insights?revenue=", "/revenue"), ("/v1/insights?from=2099-01-01&to=2099-01-02", "/from"),
            ("/v1/insights?since=1d&to=2026-01-02", "/since"), ("/v1/insights?to=1969-01-01", "/to"),
        ])
    func parameters(_ path: String, _ pointer: String) async throws {
        var setting = Node.Setting()
        setting.keepsLedger = true
        try await Node.run(setting) { node in
            try await eventually("a ledger") { try await node.get("/v1/insights").status == 200 }
            let answer = try await node.get(path)
            #expect(answer.status == 400 && answer.pointer == pointer)
        }
    }

    @Test("without a ledger both say so")
    func noLedger() async throws {
        try await Node.run { node in
            for path in ["/v1/forecast", "/v1/insights"] {
                let answer = try await node.get(path)
                #expect(answer.code == "ledger_unavailable")
            }
        }
    }
}
