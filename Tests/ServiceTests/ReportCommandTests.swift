import Foundation
import TestSupport
import Testing

/// Reports from a terminal, with the program itself against a running service and its ledger.
@Suite("Report commands", .timeLimit(.minutes(1)))
struct ReportCommandTests {
    private static let policy = """
        default_tier: free
        tiers: {free: {allowances: [{name: own, unit: tokens, limit: 1000000, window: month}]}}
        prices: {m: {input: 2.50, output: 10.00, max_output_tokens: 1000}}

        """

    /// A service that has booked two requests of ann's, $2.50 each, and one of bob's, $0.0025, of team red.
    private struct Desk {
        let host: ServiceHost
        let service: Service

        static func run(_ body: (Desk) async throws -> Void) async throws {
            try await ServiceHost.run { host in
                let file = try host.file("policy.yaml", policy.replacing("limit: 1000000", with: "limit: 9000000"))
                let service = try await host.serve("--policy", file, "--redis-url", ServiceHost.freshRedis())
                let desk = Desk(host: host, service: service)
                try await desk.spend(1_000_000, user: "ann", ["feature": "chat"])
                try await desk.spend(1_000_000, user: "ann", ["feature": "search"])
                try await desk.spend(1_000, user: "bob", ["feature": "chat", "team": "red"])
                try await desk.waitForBookings(3)
                try await body(desk)
            }
        }

        private func spend(_ tokens: Int64, user: String, _ dimensions: [String: JSON]) async throws {
            let ask: JSON = ["user": .string(user), "model": "m", "input_tokens": .number(Double(tokens)), "max_output_tokens": 0]
            let id = try #require(try await service.post("/v1/reserve", ask.with(dimensions)).json["reservation_id"]?.text)
            let usage: JSON = ["input_tokens": .number(Double(tokens)), "output_tokens": 0]
            #expect(try await service.post("/v1/commit", ["reservation_id": .string(id), "usage": usage]).status == 200)
        }

        private func waitForBookings(_ count: Double) async throws {
            try await eventually("\(count) bookings") {
                try await service.control("/v1/usage?since=2d").json["rows"]?[0]?["requests"]?.number == count
            }
        }

        func callAsFunction(_ words: String...) async throws -> Service {
            let command = try host.start(words + ["--server", "http://127.0.0.1:\(service.controlPort)"])
            try await command.waitForExit()
            return command
        }
    }

    @Test("a table has dots in line, sums below, and times above")
    func table() async throws {
        try await Desk.run { desk in
            let shown = try await desk("usage", "--by", "user", "--since", "2d", "--averages")
            #expect(shown.exitCode == 0, "\(shown.errorText)")
            let lines = shown.outputText.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            #expect(lines[0].contains(" to ") && lines[0].hasSuffix("UTC"))
            let words = lines.dropFirst(2).prefix(4).map { $0.split(separator: " ").map(String.init) }
            #expect(words.first?.prefix(6) == ["USER", "REQUESTS", "INPUT", "OUTPUT", "TOKENS", "COST"])
            #expect(
                words.dropFirst().map { Array($0.prefix(6)) } == [
                    ["ann", "2", "2,000,000", "0", "2,000,000", "$5.0000"], ["bob", "1", "1,000", "0", "1,000", "$0.0025"],
                    ["TOTAL", "3", "2,001,000", "0", "2,001,000", "$5.0025"],
                ])
            #expect(words.last?.dropFirst(6).first == "$1.6675")
        }
    }

    @Test("the dearest alone, of what a filter leaves")
    func top() async throws {
        try await Desk.run { desk in
            let shown = try await desk("usage", "--by", "user", "--since", "2d", "--top", "1", "--filter", "feature=chat,search")
            #expect(shown.outputText.contains("ann") && !shown.outputText.contains("bob") && !shown.outputText.contains("TOTAL"))
            let none = try await desk("usage", "--since", "2d", "--filter", "team=blue")
            #expect(none.exitCode == 0 && none.outputText.contains("no usage"))
            let wrong = try await desk("usage", "--by", "colour")
            #expect(wrong.exitCode == 1 && wrong.errorText.contains("/group_by"), "\(wrong.errorText)")
            #expect(try await desk("usage", "--since", "2d", "--from", "2026-01-01").exitCode == 2)
        }
    }

    @Test("JSON, CSV and FOCUS are what the service wrote")
    func formats() async throws {
        try await Desk.run { desk in
            let json = try await desk("usage", "--by", "user", "--since", "2d", "--json").outputText
            #expect(try JSON(parsing: Array(json.utf8))["rows"]?[1]?["cost_usd"] == 0.0025)
            let csv = try await desk("usage", "--by", "team", "--since", "2d", "--format", "csv").outputText
            #expect(
                csv
                    == "team,requests,input_tokens,output_tokens,tokens,cost_usd\r\n,2,2000000,0,2000000,5\r\nred,1,1000,0,1000,0.0025\r\n"
            )
            #expect(try await desk("usage", "--since", "2d", "--format", "focus").outputText.hasPrefix("BilledCost,"))
        }
    }

    @Test("a statement goes where it is told")
    func statement() async throws {
        try await Desk.run { desk in
            let month = try await desk.service.control("/v1/usage?since=2d&group_by=month").json["rows"]?.items.last?["month"]?.text
            let file = desk.host.path("red.html")
            let wrote = try await desk("statement", "--by", "team", "--month", month ?? "", "--only", "red", "--output", file)
            #expect(wrote.exitCode == 0 && wrote.outputText == "wrote \(file)\n", "\(wrote.errorText)")
            #expect(try String(contentsOfFile: file, encoding: .utf8).contains("$0.0025"))
            let piped = try await desk("statement", "--by", "feature", "--month", month ?? "")
            #expect(piped.outputText.hasPrefix("<!doctype html>") && piped.outputText.contains("search"))
            #expect(try await desk("statement", "--output", desk.host.path("none/x.html")).exitCode == 1)
        }
    }

    @Test("margins are by tier")
    func margins() async throws {
        try await Desk.run { desk in
            let shown = try await desk("margins", "--revenue", "pro=20", "--since", "2d")
            #expect(shown.exitCode == 0 && shown.outputText.contains("-$5.0025"), "\(shown.outputText) \(shown.errorText)")
        }
    }
}
