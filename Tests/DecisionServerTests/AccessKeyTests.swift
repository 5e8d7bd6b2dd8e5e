import BudgetHTTP
import TestSupport
import DecisionServer
import Testing

/// Who may call, and what an environment's key sees.
@Suite("Access keys", .timeLimit(.minutes(1)))
struct AccessKeyTests {
    // Digests: printf %s KEY | sha256sum, of app-key, prod-key, staging-key, ops-key, read-key.
    private static let keys = """
        - {key_sha256: 2924a27d7fc715372a952b03583ae5f1221556bcdabbf2a57ff5de577efe11c1, role: app}
        - {key_sha256: 037abd8d694c16d602ff30594e60fc492ba3f44704bf96211deeda26d5df851c, role: app, environment: prod}
        - {key_sha256: e3bc37afbffc2b0813523a8d7c981210fba07f455cc2f55003ae177889f0a970, role: app, environment: staging}
        - {key_sha256: 2c69bc9111c27110a9b9a7974ba3f8ac0c053c16b23a0738115ee829fbc4d57b, role: ops}
        - {key_sha256: 8578df6c579d44d3bf7caeada69ed9cbca30b318a50a0e60216b46760edf5477, role: read}
        """
    private static let setting = Listener.Setting(policy: policy, keys: keys)
    private static let policy = """
        default_tier: free
        allowances:
          - {name: staging-daily, unit: tokens, limit: 10000, window: day, per: [user], match: {environment: staging}}
          - {name: prod-daily, unit: tokens, limit: 10000, window: day, per: [user], match: {environment: prod}}
        tiers:
          free: {}
        """
    private static func bearer(_ key: String) -> String { "authorization: Bearer \(key)-key" }

    static let strangers: [[String]] = [
        [], ["authorization: Bearer nobody"], ["authorization: Bearer "], ["authorization: Bearer"],
        ["authorization: Basic YXBwLWtleQ=="],
        ["authorization: app-key"], ["authorization: Bearer app-key x"],
        ["authorization: Bearer app-key", "authorization: Bearer app-key"],
        ["authorization: Bearer APP-KEY"], ["x-api-key: app-key"],
    ]

    @Test("without a known key every call is 401 and says how to sign in", arguments: strangers)
    func unauthorized(_ fields: [String]) async throws {
        try await Listener.run(Self.setting) { listener in
            let before = try await listener.keyCount()
            for verb in ["reserve", "commit", "release", "extend", "check", "record"] {
                let answer = try await listener.send(
                    "POST", "/v1/\(verb)", fields + ["content-type: application/json"], Array("{not json".utf8))
                #expect(answer.status == 401)
                #expect(answer["www-authenticate"]?.hasPrefix("Bearer") == true)
                #expect(answer.code != nil)
            }
            let user = try await listener.send("GET", "/v1/users/u", fields, nil)
            #expect(user.status == 401)
            #expect(user["www-authenticate"]?.hasPrefix("Bearer") == true)
            #expect(try await listener.keyCount() == before)
        }
    }

    @Test("keys of other roles may not decide", arguments: ["ops", "read"])
    func otherRoles(_ role: String) async throws {
        try await Listener.run(Self.setting) { listener in
            let answer = try await listener.post("/v1/reserve", Example.reserve, Self.bearer(role))
            #expect(answer.status == 403)
            #expect(answer.code != nil)
        }
    }

    @Test("the scheme's name is not case-sensitive", arguments: ["bearer", "BEARER", "Bearer"])
    func scheme(_ scheme: String) async throws {
        try await Listener.run(Self.setting) { listener in
            let answer = try await listener.post("/v1/reserve", Example.reserve, "Authorization: \(scheme) app-key")
            #expect(answer.json["decision"] == "allow")
        }
    }

    @Test("health needs no key")
    func health() async throws {
        try await Listener.run(Self.setting) { listener in
            for path in ["/livez", "/readyz", "/v1/livez", "/v1/readyz"] {
                let answer = try await listener.get(path)
                #expect(answer.status == 200)
            }
        }
    }

    @Test("a key's environment is stamped on its calls")
    func stamped() async throws {
        try await Listener.run(Self.setting) { listener in
            let named: JSON = ["environment": "staging"]
            for body in [
                Example.reserve, named.with(["user": "u_42", "model": "gpt-4o", "input_tokens": 2_000, "max_output_tokens": 0]),
            ] {
                let answer = try await listener.post("/v1/reserve", body, Self.bearer("staging"))
                #expect(answer.json["allowances"]?.items.map { $0["name"] } == ["staging-daily"])
            }
            let record: JSON = ["user": "u_42", "model": "gpt-4o", "idempotency_key": "k", "usage": Example.usage]
            let recorded = try await listener.post("/v1/record", record, Self.bearer("staging"))
            #expect(recorded.json["allowances"]?.items.map { $0["name"] } == ["staging-daily"])
        }
    }

    @Test("another environment in the body is forbidden", arguments: ["reserve", "check", "record"])
    func otherEnvironment(_ verb: String) async throws {
        try await Listener.run(Self.setting) { listener in
            let before = try await listener.keyCount()
            let body: JSON =
                verb == "record"
                ? ["user": "u", "model": "gpt-4o", "idempotency_key": "k", "usage": Example.usage] : Example.reserve
            let answer = try await listener.post("/v1/\(verb)", body.with(["environment": "prod"]), Self.bearer("staging"))
            #expect(answer.status == 403)
            #expect(answer.code != nil)
            #expect(try await listener.keyCount() == before)
        }
    }

    @Test("another environment's reservation does not exist")
    func otherReservation() async throws {
        try await Listener.run(Self.setting) { listener in
            let id = try await listener.reserve(Example.reserve, Self.bearer("prod"))
            let foreign: [(String, JSON)] = [("commit", ["usage": Example.usage]), ("release", [:]), ("extend", ["ttl_seconds": 60])]
            for (verb, extra) in foreign {
                let answer = try await listener.post("/v1/\(verb)", extra.with(["reservation_id": .string(id)]), Self.bearer("staging"))
                #expect(answer.status == 404)
                #expect(answer.code == "unknown_reservation")
            }
            let own = try await listener.post(
                "/v1/commit", ["reservation_id": .string(id), "usage": Example.usage], Self.bearer("prod"))
            #expect(own.status == 200)
            // Also once it has been settled.
            let late = try await listener.post(
                "/v1/commit", ["reservation_id": .string(id), "usage": Example.usage], Self.bearer("staging"))
            #expect(late.status == 404)
        }
    }

    @Test("a key without an environment names any, and settles any")
    func anyEnvironment() async throws {
        try await Listener.run(Self.setting) { listener in
            let body = Example.reserve.with(["environment": "prod"])
            let id = try await listener.reserve(body, Self.bearer("app"))
            let answer = try await listener.post("/v1/commit", ["reservation_id": .string(id)], Self.bearer("prod"))
            #expect(answer.status == 200)
            let other = try await listener.reserve(Example.reserve, Self.bearer("staging"))
            #expect(try await listener.post("/v1/release", ["reservation_id": .string(other)], Self.bearer("app")).status == 200)
        }
    }

    @Test("one idempotency key in two environments does not give one's reservation to the other")
    func idempotencyAcrossEnvironments() async throws {
        try await Listener.run(Self.setting) { listener in
            let body = Example.reserve.with(["idempotency_key": "k"])
            let prod = try await listener.reserve(body, Self.bearer("prod"))
            let staging = try await listener.post("/v1/reserve", body, Self.bearer("staging"))
            #expect(staging.json["reservation_id"]?.text != prod)
        }
    }

    private static let digest = String(repeating: "0a", count: 32)
    static let badFiles = [
        "", "app-key", "{}", "- {role: app}", "- {key_sha256: 12, role: app}", "- {key_sha256: \(digest.dropLast())Z, role: app}",
        "- {key_sha256: \(digest)}", "- {key_sha256: \(digest), role: admin}", "- {key_sha256: \(digest), role: app, colour: red}",
        "- {key_sha256: \(digest), role: ops, environment: e}", "- {key_sha256: \(digest), role: app, environment: ''}",
        "- {key_sha256: \(digest), role: app", "- - \(digest)", "- {key_sha256: \(digest), role: app, role: ops}",
        "- {key_sha256: \(digest), role: app}\n- {key_sha256: \(digest.uppercased()), role: read}",
        "- {key_sha256: \(digest), role: app, name: ''}", "- {key_sha256: \(digest), role: app, name: eva green}",
        "- {key_sha256: \(digest), role: app, name: \(String(repeating: "n", count: 65))}",
        "- {key_sha256: \(digest), role: app, name: [eva]}", "- {key_sha256: \(digest), role: app, name: j\u{FC}rgen}",
    ]

    @Test("a keys file with a mistake is refused", arguments: badFiles)
    func badFile(_ yaml: String) {
        #expect(throws: AccessKey.Malformed.self) { try AccessKeys(yaml: yaml, file: "keys.yaml") }
    }

    @Test(
        "a mistake is told with its line, and without what stands there",
        arguments: ["- {tb_secret: 1}", "- [tb_secret", "- tb_secret: '"])
    func badFileKeepsItsSecrets(_ yaml: String) {
        let error = #expect(throws: AccessKey.Malformed.self) { try AccessKeys(yaml: "\n" + yaml, file: "keys.yaml") }
        #expect(error?.description.hasPrefix("keys.yaml:") == true)
        #expect(error?.description.contains("tb_secret") == false)
    }
}
