import Foundation
import TestSupport
import Testing

/// Audits from a terminal, with the program itself against a running service whose counters were changed by hand.
@Suite("token-budget audit", .timeLimit(.minutes(1)))
struct AuditCommandTests {
    private static let policy = """
        default_tier: free
        tiers: {free: {allowances: [{name: own, unit: tokens, limit: 1000000, window: month}]}}
        prices: {m: {input: 2.50, output: 10.00, max_output_tokens: 1000}}

        """

    private struct Desk {
        let host: ServiceHost
        let service: Service
        let database: Int

        /// A service that has booked 1,000 tokens of ann's.
        static func run(_ body: (Desk) async throws -> Void) async throws {
            try await ServiceHost.run { host in
                let database = RedisServer.shared.database()
                let file = try host.file("policy.yaml", policy)
                let service = try await host.serve(
                    "--policy", file, "--redis-url", "unix://\(RedisServer.shared.socket)?db=\(database)")
                let ask: JSON = ["user": "ann", "model": "m", "input_tokens": 1_000, "max_output_tokens": 0]
                let id = try #require(try await service.post("/v1/reserve", ask).json["reservation_id"]?.text)
                let usage: JSON = ["input_tokens": 1_000, "output_tokens": 0]
                #expect(try await service.post("/v1/commit", ["reservation_id": .string(id), "usage": usage]).status == 200)
                let deadline = ContinuousClock.now + .seconds(20)
                while try await service.control("/v1/usage?since=2d").json["rows"]?[0]?["requests"] != 1 {
                    try #require(ContinuousClock.now < deadline, "nothing was booked: \(service.errorText)")
                    try await Task.sleep(for: .milliseconds(20))
                }
                try await body(Desk(host: host, service: service, database: database))
            }
        }

        func spoil() async throws { try await TestStore.spoilCounters(of: "ann", in: database) }

        func callAsFunction(_ words: String...) async throws -> Service {
            let command = try host.start(["audit"] + words + ["--server", "http://127.0.0.1:\(service.controlPort)"])
            try await command.waitForExit()
            return command
        }
    }

    @Test("exits 0 when counters are what the ledger says")
    func clean() async throws {
        try await Desk.run { desk in
            let audit = try await desk()
            #expect(audit.exitCode == 0 && audit.outputText.hasSuffix("compared: clean.\n"), "\(audit.outputText) \(audit.errorText)")
            let json = try await desk("--user", "ann", "--json")
            #expect(json.exitCode == 0)
            #expect(try JSON(parsing: Array(json.outputText.utf8))["checked"]?["users"] == 1)
            let repair = try await desk("--repair", "--yes")
            #expect(repair.exitCode == 0 && repair.outputText.contains("clean"), "nothing to repair is no failure")
        }
    }

    @Test("exits 1 on differences, shows what a repair would do, and 0 once they are set right")
    func repair() async throws {
        try await Desk.run { desk in
            try await desk.spoil()
            let found = try await desk()
            #expect(found.exitCode == 1 && found.outputText.contains("1 differ."), "\(found.outputText)")
            let row = found.outputText.split(separator: "\n").last?.split(separator: " ").map(String.init)
            #expect(row?.prefix(6) == ["ann", "own", "100", "tokens", "1,000", "tokens"], "\(found.outputText)")
            let dry = try await desk("--repair", "--dry-run")
            #expect(dry.exitCode == 1 && !dry.outputText.contains("set right"), "\(dry.outputText)")
            #expect(try await desk.service.allowance("own", of: "ann")?["used"] == 100)
            let other = try await desk("--user", "bob", "--repair", "--yes")
            #expect(other.exitCode == 0 && other.outputText.contains("clean"))
            let done = try await desk("--repair", "--yes", "--reason", "a test")
            #expect(done.exitCode == 0 && done.outputText.contains("1 set right."), "\(done.outputText) \(done.errorText)")
            #expect(try await desk.service.allowance("own", of: "ann")?["used"] == 1_000)
            #expect(try await desk().exitCode == 0)
        }
    }

    @Test("changes nothing that nobody agreed to, and exits 2 on what it does not understand")
    func refusals() async throws {
        try await Desk.run { desk in
            try await desk.spoil()
            let unasked = try await desk("--repair")
            #expect(unasked.exitCode == 2 && unasked.errorText.contains("--yes"), "\(unasked.errorText)")
            #expect(try await desk.service.allowance("own", of: "ann")?["used"] == 100)
            #expect(try await desk("--tier", "free").exitCode == 2)
            let nobody = try await desk("--user", "")
            #expect(nobody.exitCode == 1 && nobody.errorText.contains("(--user)"), "\(nobody.errorText)")
        }
    }

    @Test("exits 1 where nobody answers")
    func nobodyThere() async throws {
        try await ServiceHost.run { host in
            let audit = try await host.run("audit", "--server", "http://127.0.0.1:1")
            #expect(audit.exitCode == 1 && !audit.errorText.isEmpty)
        }
    }
}
