import Foundation
import TestSupport
import Testing

/// What ops do from a terminal, with the program itself against a running service.
@Suite("Control commands", .timeLimit(.minutes(1)))
struct ControlCommandTests {
    private static let policy = """
        # Ours.
        default_tier: free
        allowances:
          - {name: company, unit: usd, limit: 1000, window: month, per: []}
        tiers:
          free:
            allowances:
              - {name: own, unit: tokens, limit: 1000, window: month}   # for everybody
              - {name: chat, unit: tokens, limit: 500, window: month, per: [user, feature], match: {feature: chat}}
            degrade_to: []
          pro: {allowances: [{name: own, unit: tokens, limit: 5000, window: month}]}
        prices:
          m: {input: 2.50, output: 10.00}

        """

    private static func reserve(_ tokens: Int64, user: String = "u") -> JSON {
        ["user": .string(user), "model": "m", "input_tokens": .number(Double(tokens)), "max_output_tokens": 0]
    }

    /// A service with the policy above, and a way to run commands against it.
    private struct Desk {
        let host: ServiceHost
        let service: Service
        let file: String

        static func run(_ body: (Desk) async throws -> Void) async throws {
            try await ServiceHost.run { host in
                let file = try host.file("policy.yaml", policy)
                let service = try await host.serve("--policy", file, "--redis-url", ServiceHost.freshRedis())
                try await body(Desk(host: host, service: service, file: file))
            }
        }

        func callAsFunction(_ words: String...) async throws -> Service {
            let command = try host.start(words + ["--server", "http://127.0.0.1:\(service.controlPort)"])
            try await command.waitForExit()
            return command
        }

        /// Spends tokens of a user's.
        func spend(_ tokens: Int64, user: String = "u") async throws {
            let held = try await service.post("/v1/reserve", reserve(tokens, user: user)).json["reservation_id"]?.text
            let usage: JSON = ["input_tokens": .number(Double(tokens)), "output_tokens": 0]
            let id = try #require(held)
            #expect(try await service.post("/v1/commit", ["reservation_id": .string(id), "usage": usage]).status == 200)
        }

        /// A number of the user's allowance `own`.
        func own(_ field: String, user: String = "u") async throws -> Double? {
            try await service.allowance("own", of: user)?[field]?.number
        }
    }

    // MARK: Tiers and the policy

    @Test("a tier's limit is raised, and what was used stays")
    func tierLimit() async throws {
        try await Desk.run { desk in
            try await desk.spend(600)
            let set = try await desk("tier", "set", "free", "--allowance", "own", "--limit", "2000", "--reason", "autumn")
            #expect(set.exitCode == 0, "\(set.errorText)")
            #expect(set.outputText.contains("1,000 -> 2,000") || set.outputText.contains("1000 -> 2000"), "\(set.outputText)")
            #expect(try await desk.own("limit") == 2_000)
            #expect(try await desk.own("used") == 600)
            let text = try await desk("policy", "show").outputText
            #expect(text == Self.policy.replacing("limit: 1000, window: month}   #", with: "limit: 2000, window: month}   #"))
        }
    }

    @Test("an allowance that is not there is told those that are")
    func unknownAllowance() async throws {
        try await Desk.run { desk in
            let set = try await desk("tier", "set", "free", "--allowance", "onw", "--limit", "2000")
            #expect(set.exitCode == 1)
            #expect(set.errorText.contains("own, chat"), "\(set.errorText)")
            #expect(try await desk("tier", "show", "nowhere").exitCode == 1)
        }
    }

    @Test("names of people are written as they write them, and a refusal names the option at fault")
    func peopleAndOptions() async throws {
        try await Desk.run { desk in
            let file = try desk.host.file("policy.yaml", "tiers: {free: {}}")
            #expect(try await desk("policy", "apply", file, "--actor", "Éva").exitCode == 0)
            #expect(try await desk("policy", "history").outputText.contains("Éva"))
            let refused = try await desk("user", "set", "u", "--tier", "nowhere")
            #expect(refused.exitCode == 1 && refused.errorText.contains("(--tier)"), "\(refused.errorText)")
        }
    }

    @Test("a dry run changes nothing")
    func dryRun() async throws {
        try await Desk.run { desk in
            let tried = try await desk("tier", "set", "free", "--allowance", "own", "--limit", "2000", "--dry-run")
            #expect(tried.exitCode == 0)
            #expect(tried.outputText.contains("nothing was stored"))
            let unsent = try await desk("user", "freeze", "u", "--dry-run")
            #expect(unsent.exitCode == 0 && unsent.outputText.contains("the service was not asked"))
            #expect(try await desk.own("limit") == 1_000)
            #expect(try await desk.service.post("/v1/reserve", Self.reserve(1)).json["decision"] == "allow")
        }
    }

    @Test("a tier comes from a file and goes again")
    func tierFile() async throws {
        try await Desk.run { desk in
            let file = try desk.host.file("trial.yaml", "allowances:\n  - {name: own, unit: tokens, limit: 7, window: month}\n")
            #expect(try await desk("tier", "set", "trial", "--file", file).exitCode == 0)
            #expect(try await desk("tier", "list").outputText.contains("trial"))
            #expect(try await desk("tier", "show", "trial").outputText.contains("own"))
            #expect(try await desk("tier", "delete", "trial").exitCode == 2)
            #expect(try await desk("tier", "delete", "trial", "--yes").exitCode == 0)
            #expect(try await desk("tier", "show", "trial").exitCode == 1)
        }
    }

    @Test("diff tells by its exit code, apply stores, rollback brings back")
    func policyVersions() async throws {
        try await Desk.run { desk in
            #expect(try await desk("policy", "diff", desk.file).exitCode == 0)
            let file = try desk.host.file(
                "new.yaml", Self.policy.replacing("limit: 1000, window: month}   #", with: "limit: 3000, window: month}   #"))
            #expect(try await desk("policy", "diff", file).exitCode == 1)
            #expect(try await desk.own("limit") == 1_000)
            let stale = try await desk("policy", "show", "--etag").outputText.trimmingCharacters(in: .newlines)
            #expect(try await desk("policy", "apply", file, "--if-match", stale, "--reason", "more").exitCode == 0)
            #expect(try await desk.own("limit") == 3_000)
            #expect(try await desk("policy", "apply", desk.file, "--if-match", stale).exitCode == 1)
            #expect(try await desk("policy", "history").outputText.contains("more"))
            #expect(try await desk("policy", "rollback", "1", "--reason", "back").exitCode == 0)
            #expect(try await desk.own("limit") == 1_000)
            #expect(try await desk("policy", "show").outputText == Self.policy)
        }
    }

    @Test("prices are stored over the version that was read, and over no other")
    func pricesOverTheirTag() async throws {
        try await Desk.run { desk in
            func prices(_ input: Int) throws -> String { try desk.host.file("prices.yaml", "prices: {extra: {input: \(input)}}\n") }
            #expect(try await desk("prices", "set", try prices(1)).exitCode == 0)
            let tag = try await desk("prices", "show", "--etag").outputText.trimmingCharacters(in: .newlines)
            #expect(tag.wholeMatch(of: /1-[0-9a-f]{8}/) != nil, "\(tag)")
            #expect(try await desk("prices", "set", try prices(2), "--if-match", tag).exitCode == 0)
            #expect(try await desk("prices", "set", try prices(3), "--if-match", tag).exitCode == 1)
            #expect(try await desk("prices", "show", "--etag", "--json").exitCode == 2)
            #expect(try await desk("prices", "rollback", "1", "--if-match", tag).exitCode == 1)
            #expect(try await desk("prices", "show", "--version", "1").outputText == "prices: {extra: {input: 1}}\n")
            #expect(try await desk("prices", "show", "extra", "--version", "1").exitCode == 2)
        }
    }

    @Test("a policy with a mistake is refused with its line")
    func badPolicy() async throws {
        try await Desk.run { desk in
            let file = try desk.host.file("bad.yaml", "tiers:\n  free:\n    allowances: 5\n")
            let apply = try await desk("policy", "apply", file)
            #expect(apply.exitCode == 1)
            #expect(apply.errorText.contains("bad.yaml:3"), "\(apply.errorText)")
            let diff = try await desk("policy", "diff", file)
            #expect(diff.exitCode == 2)
            #expect(diff.errorText.contains("bad.yaml:3"))
        }
    }

    // MARK: Users

    @Test("a top-up adds once, however often it is given")
    func grant() async throws {
        try await Desk.run { desk in
            for _ in 0..<2 {
                let grant = try await desk("user", "grant", "u", "--allowance", "own", "--amount", "250", "--grant-id", "g-1")
                #expect(grant.exitCode == 0, "\(grant.errorText)")
            }
            #expect(try await desk.own("limit") == 1_250)
            #expect(try await desk("user", "u").outputText.contains("g-1"))
        }
    }

    @Test("a frozen user is rejected until they are not")
    func freeze() async throws {
        try await Desk.run { desk in
            let freeze = try await desk("user", "freeze", "u", "--reason", "runaway")
            #expect(freeze.exitCode == 0, "\(freeze.errorText)")
            #expect(try await desk.service.post("/v1/reserve", Self.reserve(1)).json["reason"] == "frozen")
            #expect(try await desk.service.post("/v1/reserve", Self.reserve(1, user: "v")).json["decision"] == "allow")
            #expect(try await desk("user", "unfreeze", "u").exitCode == 0)
            #expect(try await desk.service.post("/v1/reserve", Self.reserve(1)).json["decision"] == "allow")
        }
    }

    @Test("a tier and an own limit are given and taken back")
    func assignment() async throws {
        try await Desk.run { desk in
            let set = try await desk("user", "set", "u", "--tier", "pro")
            #expect(set.outputText.contains("-> pro (assigned)"), "\(set.outputText) \(set.errorText)")
            #expect(try await desk.own("limit") == 5_000)
            #expect(try await desk("user", "set", "u", "--limit", "own=77").exitCode == 0)
            #expect(try await desk.own("limit") == 77)
            #expect(try await desk("user", "set", "u", "--no-limit", "own").exitCode == 0)
            #expect(try await desk.own("limit") == 5_000)
            #expect(try await desk("user", "unassign", "u", "--yes").exitCode == 0)
            #expect(try await desk.own("limit") == 1_000)
            #expect(try await desk("user", "set", "u", "--tier", "nowhere").exitCode == 1)
        }
    }

    @Test("what was used is reset, and every trace goes, but only on a clear yes")
    func resetAndErase() async throws {
        try await Desk.run { desk in
            try await desk.spend(600)
            #expect(try await desk("user", "reset", "u", "--allowance", "own").exitCode == 2)
            #expect(try await desk.own("used") == 600)
            let reset = try await desk("user", "reset", "u", "--allowance", "own", "--yes")
            #expect(reset.outputText.contains("own used 600 tokens -> 0"), "\(reset.outputText) \(reset.errorText)")
            #expect(try await desk.own("used") == 0)
            try await desk.spend(5)
            #expect(try await desk("user", "erase", "u").exitCode == 2)
            #expect(try await desk("user", "erase", "u", "--yes").exitCode == 0)
            #expect(try await desk.own("used") == 0)
        }
    }

    @Test("users are found, their reservations and shared counters shown")
    func lists() async throws {
        try await Desk.run { desk in
            for user in ["acme-1", "acme-2", "other"] { try await desk.spend(10, user: user) }
            _ = try await desk.service.post("/v1/reserve", Self.reserve(20, user: "acme-1"))
            let found = try await desk("user", "list", "--search", "acme-").outputText
            #expect(found.contains("acme-1") && found.contains("acme-2") && !found.contains("other"))
            #expect(try await desk("user", "list", "--search", "nobody").exitCode == 1)
            #expect(try await desk("reservations", "acme-1").outputText.contains("20 tokens"))
            #expect(try await desk("allowances").outputText.contains("company"))
        }
    }

    // MARK: Prices, and who may

    @Test("prices are stored, shown and imported")
    func prices() async throws {
        try await Desk.run { desk in
            let file = try desk.host.file("prices.yaml", "prices:\n  n: {input: 0.15, output: 0.60}\n")
            #expect(try await desk("prices", "set", file, "--reason", "first").exitCode == 0)
            #expect(try await desk("prices", "show", "n").outputText.contains("$0.15"))
            #expect(try await desk("prices", "history").outputText.contains("first"))
            let catalogue = try desk.host.file(
                "catalogue.json",
                #"{"k":{"litellm_provider":"openai","mode":"chat","input_cost_per_token":1e-06,"output_cost_per_token":2e-06}}"#)
            let tried = try await desk("prices", "import", catalogue, "--dry-run")
            #expect(tried.exitCode == 0, "\(tried.errorText)")
            #expect(tried.outputText.contains("nothing was stored"))
            #expect(try await desk("prices", "show", "k").exitCode == 1)
            #expect(try await desk("prices", "import", catalogue).exitCode == 0)
            #expect(try await desk("prices", "show", "k").outputText.contains("$1"))
        }
    }

    @Test("a catalogue of nothing usable is told entry by entry, another file where it belongs; neither changes anything")
    func mistakenCatalogues() async throws {
        try await Desk.run { desk in
            let empty = try desk.host.file("empty.json", #"{"dall-e-3":{"input_cost_per_pixel":1e-08}}"#)
            let nothing = try await desk("prices", "import", empty)
            #expect(nothing.exitCode == 1 && nothing.errorText.contains("empty_catalogue"))
            #expect(nothing.errorText.contains("1  not_priced_per_token  dall-e-3"), "\(nothing.errorText)")
            let json = try desk.host.file("policy.json", #"{"tiers":{"free":{}},"prices":{"m":{"input":1}}}"#)
            for file in [desk.file, json] {
                let policy = try await desk("prices", "import", file)
                #expect(policy.exitCode == 1 && policy.errorText.contains("token-budget policy apply \(file)"), "\(policy.errorText)")
            }
            #expect(try await desk("prices", "history").outputText.contains("No version is stored"))
        }
    }

    @Test("a policy for nobody is warned of, and a command sent to the decision listener says so")
    func warnings() async throws {
        try await Desk.run { desk in
            let file = try desk.host.file("empty.yaml", "{}\n")
            for words in [["policy", "diff", file], ["policy", "apply", file, "--dry-run"]] {
                let command = try desk.host.start(words + ["--server", "http://127.0.0.1:\(desk.service.controlPort)"])
                try await command.waitForExit()
                #expect(command.outputText.contains("warning: The policy has no tier: every request is refused"), "\(words)")
            }
            for words in [["tier", "list"], ["user", "u"], ["user", "freeze", "u"]] {
                let command = try desk.host.start(words + ["--server", "http://127.0.0.1:\(desk.service.port)"])
                try await command.waitForExit()
                #expect(command.exitCode == 1 && command.errorText.contains("the control listener"), "\(command.errorText)")
                #expect(command.errorText.contains("usually on 8081"))
            }
        }
    }

    @Test("the service's JSON is printed where it is asked for")
    func json() async throws {
        try await Desk.run { desk in
            for words in [["tier", "list"], ["tier", "show", "free"], ["user", "u"], ["policy", "show"], ["policy", "history"]] {
                let command = try desk.host.start(
                    words + ["--json", "--server", "http://127.0.0.1:\(desk.service.controlPort)"])
                try await command.waitForExit()
                let json = try? JSON(parsing: Array(command.outputText.utf8))
                #expect(json != nil, "\(words): \(command.outputText)")
            }
        }
    }

    @Test("a key that may only read changes nothing")
    func roles() async throws {
        try await ServiceHost.run { host in
            // printf %s ops-key | sha256sum, and read-key
            let keys = try host.file(
                "keys.yaml",
                """
                - {key_sha256: 2c69bc9111c27110a9b9a7974ba3f8ac0c053c16b23a0738115ee829fbc4d57b, role: ops}
                - {key_sha256: 8578df6c579d44d3bf7caeada69ed9cbca30b318a50a0e60216b46760edf5477, role: read}

                """)
            let policy = try host.file("policy.yaml", Self.policy)
            let service = try await host.serve("--policy", policy, "--redis-url", ServiceHost.freshRedis(), "--keys", keys)
            let server = "http://127.0.0.1:\(service.controlPort)"
            func run(_ key: String, _ words: String...) async throws -> Int32? {
                let command = try host.start(words, environment: ["TOKEN_BUDGET_KEY": key, "TOKEN_BUDGET_CONTROL_SERVER": server])
                try await command.waitForExit()
                return command.exitCode
            }
            #expect(try await run("read-key", "user", "u") == 0)
            #expect(try await run("read-key", "user", "freeze", "u") == 1)
            #expect(try await run("ops-key", "user", "freeze", "u") == 0)
            #expect(try await run("no-key", "user", "u") == 1)
        }
    }
}
