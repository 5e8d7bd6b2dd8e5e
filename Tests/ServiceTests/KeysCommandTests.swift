import Foundation
import TestSupport
import Testing

/// `token-budget keys`, and what a running service makes of its keys file.
@Suite("Keys", .timeLimit(.minutes(1)))
struct KeysCommandTests {
    private static let policy = "{default_tier: free, tiers: {free: {}}}"
    private static let reserve: JSON = ["user": "u", "model": "m", "input_tokens": 100, "max_output_tokens": 0]

    private static func mode(_ path: String) throws -> Int {
        (try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int) ?? 0
    }

    @Test("a new key comes with its line, each on a line of stdout")
    func newKey() async throws {
        try await ServiceHost.run { host in
            let made = try await host.run("keys", "new", "--role", "app", "--environment", "staging", "--name", "eva")
            #expect(made.exitCode == 0)
            let lines = made.outputText.split(separator: "\n")
            #expect(lines.count == 2)
            #expect(lines.first?.wholeMatch(of: /tb_[A-Za-z0-9_\-]{43}/) != nil)
            #expect(lines.last?.wholeMatch(of: /- \{key_sha256: [0-9a-f]{64}, role: app, environment: staging, name: eva\}/) != nil)
        }
    }

    @Test("keys added to a file are let in; stdout has nothing but the key")
    func newInFile() async throws {
        try await ServiceHost.run { host in
            let file = host.path("keys.yaml")
            let ops = try await host.run("keys", "new", "--role", "ops", "--file", file)
            #expect(try Self.mode(file) == 0o600)
            try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: file)
            let app = try await host.run("keys", "new", "--role", "app", "--name", "eva", "--file", file)
            #expect(try Self.mode(file) == 0o640)
            let secrets = [ops, app].map { $0.outputText.trimmingCharacters(in: .newlines) }
            #expect(secrets.allSatisfy { $0.hasPrefix("tb_") && !$0.contains("\n") })
            let text = try String(contentsOfFile: file, encoding: .utf8)
            #expect(!secrets.contains { text.contains($0) })

            let policy = try host.file("policy.yaml", Self.policy)
            let service = try await host.serve("--policy", policy, "--redis-url", ServiceHost.freshRedis(), "--keys", file)
            #expect(try await service.post("/v1/reserve", Self.reserve, "authorization: Bearer \(secrets[1])").status == 200)
            #expect(try await service.post("/v1/reserve", Self.reserve, "authorization: Bearer \(secrets[0])").status == 403)

            let list = try await host.run("keys", "list", file)
            let rows = list.outputText.split(separator: "\n").map { $0.split(separator: " ").map { String($0) } }
            #expect(rows.count == 3)
            #expect(rows[1].prefix(3) == ["ops", "-", "-"])
            #expect(rows[2].prefix(3) == ["app", "-", "eva"])
            #expect(rows[2].last.map { text.contains("key_sha256: \($0)") } == true)
            let json = try await host.run("keys", "list", file, "--json")
            let keys = try JSON(parsing: Array(json.outputText.utf8)).items
            #expect(keys.map { $0["role"] } == ["ops", "app"] && keys.last?["name"] == "eva")
            let check = try await host.run("keys", "check", file)
            #expect(check.outputText == "\(file): ok (2 keys, 1 app, 1 ops)\n")
            let counted = try await host.run("keys", "check", file, "--json")
            #expect(try JSON(parsing: Array(counted.outputText.utf8))["keys"] == ["app": 1, "ops": 1, "read": 0])
            let another = try JSON(parsing: Array(try await host.run("keys", "new", "--role", "read", "--json").outputText.utf8))
            #expect(another["key"]?.text?.hasPrefix("tb_") == true && another["line"]?.text?.contains("role: read") == true)
        }
    }

    @Test("many added at once are all there")
    func newAtOnce() async throws {
        try await ServiceHost.run { host in
            let file = host.path("keys.yaml")
            let runs = try (0..<8).map { _ in try host.start(["keys", "new", "--role", "app", "--file", file]) }
            for run in runs { try await run.waitForExit() }
            #expect(runs.allSatisfy { $0.exitCode == 0 })
            let check = try await host.run("keys", "check", file)
            #expect(check.outputText.contains("8 keys"))
            #expect(try FileManager.default.contentsOfDirectory(atPath: host.directory.path).filter { $0.hasSuffix(".new") } == [])
        }
    }

    static let refusals = [
        ["--role", "admin"], [], ["--role", "ops", "--environment", "e"], ["--role", "app", "--name", ""],
        ["--role", "app", "--name", "two words"], ["--role", "app", "--environment", ""],
    ]

    @Test("what no key can be is refused without making one", arguments: refusals)
    func refused(_ arguments: [String]) async throws {
        try await ServiceHost.run { host in
            let file = host.path("keys.yaml")
            let made = try host.start(["keys", "new", "--file", file] + arguments)
            try await made.waitForExit()
            #expect(made.exitCode == 2)
            #expect(made.outputText.isEmpty)
            #expect(!FileManager.default.fileExists(atPath: file))
        }
    }

    @Test("a file that a line cannot be added to stays as it is", arguments: ["[]\n", "keys: none\n", "- {role: app}\n"])
    func unsuitable(_ text: String) async throws {
        try await ServiceHost.run { host in
            let file = try host.file("keys.yaml", text)
            let made = try await host.run("keys", "new", "--role", "app", "--file", file)
            #expect(made.exitCode == 1)
            #expect(made.outputText.isEmpty)
            #expect(made.errorText.contains("keys.yaml"))
            #expect(try String(contentsOfFile: file, encoding: .utf8) == text)
        }
    }

    @Test("a bad file is told with its line", arguments: ["check", "list"])
    func badFile(_ command: String) async throws {
        try await ServiceHost.run { host in
            let file = try host.file("keys.yaml", "- {key_sha256: \(String(repeating: "0a", count: 32)), role: app}\n- {role: app}\n")
            let check = try await host.run("keys", command, file)
            #expect(check.exitCode == 1)
            #expect(check.errorText.contains("\(file):2"))
            #expect(check.outputText.isEmpty)
        }
    }

    @Test("a changed file is taken without a signal; a bad one keeps the old keys")
    func followed() async throws {
        try await ServiceHost.run { host in
            let file = host.path("keys.yaml")
            let secret = try await host.run("keys", "new", "--role", "app", "--file", file).outputText.trimmingCharacters(in: .newlines)
            let policy = try host.file("policy.yaml", Self.policy)
            let service = try await host.serve("--policy", policy, "--redis-url", ServiceHost.freshRedis(), "--keys", file)
            func status() async throws -> Int {
                try await service.post("/v1/reserve", Self.reserve, "authorization: Bearer \(secret)").status
            }
            #expect(try await status() == 200)
            _ = try host.file("keys.yaml", "- {role: app}\n")
            try await service.waitForLog("keys not changed")
            #expect(service.errorText.contains("keys.yaml:1"))
            #expect(try await status() == 200)
            _ = try host.file("keys.yaml", "[]\n")
            try await service.waitForLog("keys read again")
            #expect(try await status() == 401)
            // The control API takes keys from the same file.
            #expect(try await service.control("/livez").status == 200)
        }
    }

    @Test("SIGHUP reads the keys again")
    func signalled() async throws {
        try await ServiceHost.run { host in
            let file = try host.file("keys.yaml", "[]\n")
            let service = try await host.serve("--redis-url", ServiceHost.freshRedis(), "--keys", file)
            service.signal(SIGHUP)
            try await service.waitForLog("keys read again")
            #expect(service.isRunning)
        }
    }
}
