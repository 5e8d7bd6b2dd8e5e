import BudgetHTTP
import BudgetModel
import DecisionServer
import TestSupport
import Testing

/// Keys that change while the service runs.
@Suite("Replacing keys", .timeLimit(.minutes(1)))
struct KeyReplacementTests {
    // printf %s KEY | sha256sum, of app-key and staging-key.
    private static let app = "2924a27d7fc715372a952b03583ae5f1221556bcdabbf2a57ff5de577efe11c1"
    private static let staging = "e3bc37afbffc2b0813523a8d7c981210fba07f455cc2f55003ae177889f0a970"
    private static func line(_ digest: String, _ fields: String) -> String { "- {key_sha256: \(digest), \(fields)}\n" }

    /// Asks on one connection, with `key`, before and after `change`.
    private static func before(
        _ keys: String, _ key: String, andAfter change: @escaping @Sendable (AccessKeys) throws -> Void
    ) async throws -> [Answer] {
        let answers = Box()
        try await Listener.run(.init(keys: keys)) { listener in
            let request = Listener.request(
                "POST", "/v1/reserve", ["authorization: Bearer \(key)", "content-type: application/json"], Example.reserve.bytes)
            await answers.add(
                try await listener.wire { wire in
                    try await wire.send(request)
                    let before = try await wire.answer()
                    try listener.keys.map(change)
                    try await wire.send(request)
                    return [before, try await wire.answer()]
                })
        }
        return await answers.all
    }

    private actor Box {
        var all: [Answer] = []
        func add(_ answers: [Answer]) { all += answers }
    }

    @Test("a withdrawn key is refused from the next request on, on connections that are open too")
    func withdrawn() async throws {
        let answers = try await Self.before(Self.line(Self.app, "role: app"), "app-key") { keys in
            try keys.replace(yaml: Self.line(Self.staging, "role: app"), file: "keys.yaml")
        }
        #expect(answers.map(\.status) == [200, 401])
    }

    @Test("a new key is taken from the next request on")
    func added() async throws {
        let answers = try await Self.before(Self.line(Self.app, "role: app"), "staging-key") { keys in
            try keys.replace(yaml: Self.line(Self.app, "role: app") + Self.line(Self.staging, "role: app"), file: "keys.yaml")
        }
        #expect(answers.map(\.status) == [401, 200])
    }

    @Test("what a key may do changes with its line")
    func otherRole() async throws {
        let answers = try await Self.before(Self.line(Self.app, "role: app"), "app-key") { keys in
            try keys.replace(yaml: Self.line(Self.app, "role: read"), file: "keys.yaml")
        }
        #expect(answers.map(\.status) == [200, 403])
    }

    @Test("a bad file changes nothing")
    func badFile() async throws {
        let answers = try await Self.before(Self.line(Self.app, "role: app"), "app-key") { keys in
            #expect(throws: AccessKey.Malformed.self) { try keys.replace(yaml: "- {role: app}", file: "keys.yaml") }
        }
        #expect(answers.map(\.status) == [200, 200])
    }

    @Test("a list without keys lets nobody in")
    func emptyList() async throws {
        let answers = try await Self.before(Self.line(Self.app, "role: app"), "app-key") { keys in
            try keys.replace(yaml: "[]", file: "keys.yaml")
        }
        #expect(answers.map(\.status) == [200, 401])
    }

    @Test("status says why the file is not in force, until it is")
    func status() throws {
        let keys = try AccessKeys(yaml: Self.line(Self.app, "role: app"), file: "keys.yaml")
        #expect(keys.status.count == 1)
        #expect(keys.status.problem == nil)
        keys.keep(because: "half a file")
        #expect(keys.status.problem == "half a file")
        try keys.replace(yaml: "[]", file: "keys.yaml")
        #expect(keys.status.count == 0)
        #expect(keys.status.problem == nil)
    }

    @Test("histories name a key by its name, else by its digest")
    func names() throws {
        let keys = try AccessKeys(
            yaml: Self.line(Self.app, "role: app, name: eva-2") + Self.line(Self.staging, "role: ops"), file: "keys.yaml")
        #expect(try keys.caller(of: ["Bearer app-key"]).name == "eva-2")
        #expect(try keys.caller(of: ["Bearer staging-key"]).name == "key:e3bc37af")
    }

    @Test("a fresh key is let in by the line written for it", arguments: AccessKeys.Role.allCases)
    func fresh(_ role: AccessKeys.Role) throws {
        let made = try AccessKey.fresh(role, environment: role == .app ? "a: \"b\", c" : nil, name: "#1:{}'")
        let other = try AccessKey.fresh(role, environment: nil, name: nil)
        #expect(made.secret != other.secret)
        #expect(made.secret.wholeMatch(of: /tb_[A-Za-z0-9_\-]{43}/) != nil)
        let caller = try AccessKeys(yaml: made.key.line, file: "keys.yaml").caller(of: ["Bearer \(made.secret)"])
        #expect(caller.role == role)
        #expect(caller.environment == made.key.environment)
        #expect(caller.name == "#1:{}'")
    }
}
