import TestSupport
import Foundation
import Testing

/// Flags, environment, signals, and what the program says when it will not run.
@Suite("Command line", .timeLimit(.minutes(1)))
struct CommandLineTests {
    private static func policy(limit: Int) -> String {
        """
        default_tier: free
        tiers:
          free:
            allowances:
              - {name: own, unit: tokens, limit: \(limit), window: lifetime, per: [user]}
        """
    }
    private static let reserve: JSON = ["user": "u", "model": "m", "input_tokens": 100, "max_output_tokens": 0]

    // MARK: policy check

    @Test("a good policy is said to be so")
    func goodPolicy() async throws {
        try await ServiceHost.run { host in
            let file = try host.file("good.yaml", Self.policy(limit: 5))
            let check = try await host.run("policy", "check", file)
            #expect(check.exitCode == 0)
            #expect(check.outputText.contains(file))
            #expect(check.errorText.isEmpty)
        }
    }

    @Test("a check tells scripts what it found, of a mistake, too")
    func checkAsJSON() async throws {
        try await ServiceHost.run { host in
            let good = try await host.run("policy", "check", "--json", try host.file("good.yaml", Self.policy(limit: 5)))
            let found = try JSON(parsing: Array(good.outputText.utf8))
            #expect(good.exitCode == 0 && found["ok"] == true && found["tiers"] == 1 && found["allowances"] == 1)
            let bad = try await host.run("policy", "check", "--json", try host.file("bad.yaml", Self.mistakes[0].0))
            let mistake = try JSON(parsing: Array(bad.outputText.utf8))
            #expect(bad.exitCode == 1 && mistake["ok"] == false && mistake["line"] == 4)
        }
    }

    @Test("the program tells its version, and a command's own options before the shared ones")
    func versionAndHelp() async throws {
        try await ServiceHost.run { host in
            let version = try await host.run("--version")
            #expect(version.exitCode == 0 && version.outputText.wholeMatch(of: /[0-9]+\.[0-9]+\.[0-9]+\n/) != nil)
            let help = try await host.run("user", "grant", "--help").outputText
            let places = ["ARGUMENTS:", "--amount", "CHANGE:", "SERVICE:"].map { help.range(of: $0, options: .backwards)?.lowerBound }
            #expect(!places.contains(nil) && places.compactMap { $0 } == places.compactMap { $0 }.sorted(), "\(help)")
        }
    }

    @Test("a number below 0 is refused as what it is")
    func negativeNumbers() async throws {
        try await ServiceHost.run { host in
            for refused in [
                try await host.run("user", "list", "--limit", "-5"), try await host.run("usage", "--top", "-5"),
                try await host.run("tier", "set", "t", "--allowance", "a", "--limit", "-5"),
            ] {
                #expect(refused.exitCode == 2 && !refused.errorText.contains("Missing value"), "\(refused.errorText)")
            }
        }
    }

    static let mistakes: [(String, Int, String)] = [
        ("tiers:\n  free:\n    allowances:\n      - {name: own, unit: tokens, limit: -5, window: day}\n", 4, "limit"),
        ("tiers: {free: {}}\nteirs: {}\n", 2, "teirs"),
        ("time_zone: Mars/Olympus\ntiers: {free: {}}\n", 1, "Mars/Olympus"),
        ("tiers:\n  free:\n    degrade_to: [nowhere-1]\n", 3, "nowhere-1"),
    ]

    @Test("a policy's first mistake is shown with its line", arguments: mistakes)
    func badPolicy(_ yaml: String, _ line: Int, _ word: String) async throws {
        try await ServiceHost.run { host in
            let file = try host.file("bad.yaml", yaml)
            let check = try await host.run("policy", "check", file)
            #expect(check.exitCode == 1)
            #expect(check.errorText.contains("\(file):\(line)"), "\(check.errorText)")
            #expect(check.errorText.contains(word))
            let serve = try await host.run(
                "serve", "--policy", file, "--redis-url", ServiceHost.freshRedis(), "--listen", "127.0.0.1:0")
            #expect(serve.exitCode != 0)
            #expect(serve.errorText.contains("\(file):\(line)"))
            #expect(serve.outputText.isEmpty)
        }
    }

    @Test("a policy file that is not there is named")
    func missingPolicy() async throws {
        try await ServiceHost.run { host in
            let check = try await host.run("policy", "check", host.path("nothing.yaml"))
            #expect(check.exitCode != 0)
            #expect(check.errorText.contains("nothing.yaml"))
        }
    }

    // MARK: serve

    @Test(
        "wrong usage names the flag first, then shows the command's own usage, short",
        arguments: [
            (["--listen", "0.0.0.0:1"], "Error: --listen 0.0.0.0:1:"), (["--event-loops", "99"], "Error: --event-loops 99:"),
            (["--log-level", "loud"], "Error: --log-level loud:"), (["--lisen", "x"], "Error: Unknown option '--lisen'"),
        ])
    func wrongUsage(_ flags: [String], _ first: String) async throws {
        try await ServiceHost.run { host in
            let service = try host.start(["serve"] + flags)
            try await service.waitForExit()
            let lines = service.errorText.split(separator: "\n")
            #expect(service.exitCode == 2 && lines.count == 3)
            #expect(lines.first?.hasPrefix(first) == true, "\(service.errorText)")
            #expect(
                lines.dropFirst() == ["Usage: token-budget serve <options>", "  See 'token-budget serve --help' for more information."])
        }
    }

    static let outsideAddresses = ["0.0.0.0:0", ":0", "[::]:0", "192.0.2.1:0", "127.0.0.1.example.com:0", "example.com:0"]

    @Test("without keys only loopback addresses are served", arguments: outsideAddresses)
    func outside(_ address: String) async throws {
        try await ServiceHost.run { host in
            for flags in [["--listen", address], ["--control-listen", address, "--listen", "127.0.0.1:0"]] {
                let service = try host.start(["serve", "--redis-url", ServiceHost.freshRedis()] + flags)
                try await service.waitForExit()
                #expect(service.exitCode != 0)
                #expect(service.errorText.contains("--keys"), "\(service.errorText)")
                #expect(service.outputText.isEmpty)
            }
        }
    }

    @Test("ready is one line on stdout with both addresses, and both answer")
    func ready() async throws {
        try await ServiceHost.run { host in
            let file = try host.file("policy.yaml", Self.policy(limit: 100))
            let service = try await host.serve("--policy", file, "--redis-url", ServiceHost.freshRedis())
            #expect(service.outputText.split(separator: "\n").count == 1)
            #expect(service.port != service.controlPort)
            for path in ["/livez", "/readyz"] {
                let (decision, control) = (try await service.get(path), try await service.control(path))
                #expect(decision.status == 200)
                #expect(control.status == 200)
            }
            #expect(try await service.stop() == 0)
            #expect(service.outputText.split(separator: "\n").count == 1)
        }
    }

    @Test("without a policy the service runs, warns and is not ready")
    func noPolicy() async throws {
        try await ServiceHost.run { host in
            let service = try await host.serve("--redis-url", ServiceHost.freshRedis())
            #expect(service.errorText.contains("policy"))
            #expect(try await service.get("/livez").status == 200)
            let ready = try await service.get("/readyz")
            #expect(ready.status == 503)
            #expect(ready.code == "no_policy")
            #expect(try await service.post("/v1/reserve", Self.reserve).status == 503)
        }
    }

    @Test("every flag may come from the environment, a secret from a file")
    func environment() async throws {
        try await ServiceHost.run { host in
            let variables = [
                "TOKEN_BUDGET_LISTEN": "127.0.0.1:0", "TOKEN_BUDGET_CONTROL_LISTEN": "127.0.0.1:0",
                "TOKEN_BUDGET_POLICY": try host.file("policy.yaml", Self.policy(limit: 100)),
                "TOKEN_BUDGET_REDIS_URL_FILE": try host.file("url", ServiceHost.freshRedis() + "\n"),
                "TOKEN_BUDGET_SETTLED_RETENTION": "1h",
            ]
            let service = try host.start(["serve"], environment: variables)
            try await service.waitUntilReady()
            #expect(try await service.post("/v1/reserve", Self.reserve).json["decision"] == "allow")
        }
    }

    @Test("keys are read from their file")
    func keys() async throws {
        try await ServiceHost.run { host in
            // printf %s app-key | sha256sum
            let keys = try host.file(
                "keys.yaml", "- {key_sha256: 2924a27d7fc715372a952b03583ae5f1221556bcdabbf2a57ff5de577efe11c1, role: app}\n")
            let service = try await host.serve("--redis-url", ServiceHost.freshRedis(), "--keys", keys)
            #expect(try await service.post("/v1/reserve", Self.reserve).status == 401)
            let bad = try host.file("bad.yaml", "- {key_sha256: 12, role: app}\n")
            let refused = try await host.run("serve", "--redis-url", ServiceHost.freshRedis(), "--keys", bad)
            #expect(refused.exitCode != 0)
            #expect(refused.errorText.contains("bad.yaml:1"))
        }
    }

    // MARK: Signals

    @Test("SIGHUP takes a good policy and keeps the old one over a bad one")
    func reload() async throws {
        try await ServiceHost.run { host in
            let file = try host.file("policy.yaml", Self.policy(limit: 100))
            let service = try await host.serve("--policy", file, "--redis-url", ServiceHost.freshRedis())
            for bad in ["tiers: [", "", Self.policy(limit: -1), "\u{FEFF}\0"] {
                _ = try host.file("policy.yaml", bad)
                let before = service.errorText.utf8.count
                service.signal(SIGHUP)
                try await eventually("a word about it") { service.errorText.utf8.count > before }
                #expect(service.errorText.contains("policy.yaml"))
                let own = try await service.allowance("own", of: "u")
                #expect(own?["limit"] == 100)
            }
            _ = try host.file("policy.yaml", Self.policy(limit: 200))
            service.signal(SIGHUP)
            try await eventually("the new limit") { try await service.allowance("own", of: "u")?["limit"] == 200 }
        }
    }

    @Test("SIGTERM lets a request in flight finish, takes no new ones, and ends with 0")
    func drain() async throws {
        try await ServiceHost.run { host in
            let file = try host.file("policy.yaml", Self.policy(limit: 100))
            let service = try await host.serve("--policy", file, "--redis-url", ServiceHost.freshRedis())
            let body = Self.reserve.bytes
            let answer = try await Wire.open(port: service.port) { wire in
                let request = Service.request("/v1/reserve", Self.reserve)
                try await wire.send(Array(request.dropLast(body.count / 2)))
                try await Task.sleep(for: .milliseconds(100))
                service.signal(SIGTERM)
                try await Task.sleep(for: .milliseconds(300))
                #expect(service.isRunning)
                let ready = try await service.control("/readyz")
                #expect(ready.status == 503)
                try await wire.send(Array(request.suffix(body.count / 2)))
                return try await wire.answer()
            }
            #expect(answer.json["decision"] == "allow")
            #expect(answer.closes)
            try await service.waitForExit()
            #expect(service.exitCode == 0)
        }
    }
}
