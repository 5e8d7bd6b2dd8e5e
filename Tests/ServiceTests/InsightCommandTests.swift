import Foundation
import TestSupport
import Testing

/// Forecast and insights from a terminal, with the program itself against a running service and its ledger.
@Suite("Insight commands", .timeLimit(.minutes(1)))
struct InsightCommandTests {
    private static let policy = """
        default_tier: free
        allowances: [{name: company, unit: usd, limit: 1000, window: month, per: []}]
        tiers: {free: {degrade_to: [small]}}
        prices:
          large: {input: 2.50, output: 10.00, max_output_tokens: 1000}
          small: {input: 0.15, output: 0.60, max_output_tokens: 1000}

        """

    /// Runs `body` beside a service that has booked 20 requests, $0.0025 each.
    private func run(_ body: (_ command: (String...) async throws -> Service) async throws -> Void) async throws {
        try await ServiceHost.run { host in
            let file = try host.file("policy.yaml", Self.policy)
            let service = try await host.serve("--policy", file, "--redis-url", ServiceHost.freshRedis())
            for _ in 0..<20 { try await spend(service) }
            try await eventually("20 bookings") { try await service.control("/v1/insights").json["examined"]?["requests"] == 20 }
            try await body { (words: String...) in
                let command = try host.start(words + ["--server", "http://127.0.0.1:\(service.controlPort)"])
                try await command.waitForExit()
                return command
            }
        }
    }

    private func spend(_ service: Service) async throws {
        let ask: JSON = [
            "user": "ann", "feature": "chat", "plan": "pro", "model": "large", "input_tokens": 1_000, "max_output_tokens": 0,
        ]
        let id = try #require(try await service.post("/v1/reserve", ask).json["reservation_id"]?.text)
        let usage: JSON = ["input_tokens": 1_000, "output_tokens": 0]
        #expect(try await service.post("/v1/commit", ["reservation_id": .string(id), "usage": usage]).status == 200)
    }

    @Test("the forecast is a sentence, a table by feature, and a sentence for each shared allowance")
    func forecast() async throws {
        try await run { command in
            let shown = try await command("forecast", "--by", "feature")
            #expect(shown.exitCode == 0, "\(shown.errorText)")
            #expect(shown.outputText.contains("Everything has cost $0.05"))
            #expect(shown.outputText.contains("too early"))
            #expect(
                shown.outputText.contains("FEATURE  SO FAR  EXPECTED  LOW  HIGH  CONFIDENCE\nchat      $0.05"), "\(shown.outputText)")
            #expect(shown.outputText.contains("\"company\" lasts"))
            let json = try JSON(parsing: Array(try await command("forecast", "--user", "ann", "--json").outputText.utf8))
            #expect(json["user"] == "ann")
        }
    }

    @Test("insights are sentences under what they save")
    func insights() async throws {
        try await run { command in
            let shown = try await command("insights", "--revenue", "pro=0.03")
            #expect(shown.exitCode == 0, "\(shown.errorText)")
            #expect(
                shown.outputText.hasPrefix("$0.05 (confidence: medium)\n  20 of 20 requests of \"chat\" on large were small"),
                "\(shown.outputText)")
            #expect(shown.outputText.contains("User \"ann\" has cost $0.05"))
            #expect(shown.outputText.contains("Looked at 20 requests from "))
            #expect(try await command("insights", "--from", "yesterday").exitCode == 1)
            #expect(try await command("insights", "--revenue", "pro").exitCode == 2)
        }
    }
}
