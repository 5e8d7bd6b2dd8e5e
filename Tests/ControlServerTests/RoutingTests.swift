@testable import ControlServer
import BudgetModel
import TestSupport
import Testing

@Suite("Calls of the control API") struct RoutingTests {
    @Test("health, unknown paths and methods are answered as everywhere")
    func healthAndUnknownPaths() async throws {
        try await Node.run { node in
            #expect(try await node.get("/livez").json["status"] == "live")
            #expect(try await node.get("/readyz").json["status"] == "ready")
            #expect(try await node.send("HEAD", "/livez", [], nil).status == 200)
            #expect(try await node.get("/v1/nothing").code == "not_found")
            let wrong = try await node.send("PATCH", "/v1/policy", [], nil)
            #expect(wrong.status == 405 && wrong["allow"] == "GET, HEAD, PUT")
        }
    }

    @Test("bodies, targets and queries have limits")
    func inputsAreBounded() async throws {
        try await Node.run { node in
            let long = try await node.send(
                "PUT", "/v1/policy", ["content-type: application/yaml"], [UInt8](repeating: 35, count: PolicyText.maximumPolicy + 1))
            #expect(long.status == 413)
            #expect(try await node.get("/v1/policy?x=" + String(repeating: "x", count: 9_000)).status == 414)
            #expect(try await node.get("/v1/policy?limit=5").pointer == "/limit")
            #expect(try await node.get("/v1/policy/history?limit=0").pointer == "/limit")
            #expect(try await node.get("/v1/policy/history?limit=1&limit=2").status == 400)
            #expect(try await node.get("/v1/policy/history?limit=%ZZ").status == 400)
        }
    }

    @Test("without keys a page from elsewhere changes nothing, and neither does a call for another host")
    func pagesFromElsewhereChangeNothing() async throws {
        try await Node.run { node in
            for foreign in ["https://evil.example", "null", "http://127.0.0.1.evil.example", "http://localhost.evil.example"] {
                let erase = try await node.send("POST", "/v1/users/u/erase", ["origin: \(foreign)"], nil)
                #expect(erase.status == 403 && erase.code == "foreign_origin", "\(foreign)")
            }
            for own in ["http://localhost:3000", "http://127.0.0.1:8081", "http://[::1]"] {
                #expect(try await node.send("POST", "/v1/users/u/erase", ["origin: \(own)"], nil).status == 200, "\(own)")
            }
            #expect(try await node.get("/v1/users/u", "origin: https://evil.example").status == 200, "a page cannot read the answer")
        }
        for (host, isOwn) in [
            ("localhost", true), ("LOCALHOST:8081", true), ("tb.localhost", true), ("127.8.0.1:1", true), ("[::1]:1", true),
            ("evil.example", false), ("127.evil.example.", false), ("127.0.0.256", false), ("10.0.0.1", false), ("", false),
        ] {
            #expect(LoopbackCall.isLoopback(authority: host) == isOwn, "\(host)")
        }
    }

    @Test("with keys an origin says nothing: the key does")
    func keysSayWhoMayChange() async throws {
        var setting = Node.Setting()
        setting.keys = Self.roles
        try await Node.run(setting) { node in
            let fields = ["origin: https://desk.example", "authorization: Bearer operator"]
            let answer = try await node.send("POST", "/v1/users/u/erase", fields, nil)
            #expect(answer.status == 200)
        }
    }

    @Test("readiness tells strangers what fails, and details only those who may read")
    func detailsOfReadinessNeedAKey() async throws {
        var setting = Node.Setting()
        setting.keys = Self.roles
        try await Node.run(setting) { node in
            for (key, seesDetails) in [("reader", true), ("operator", true), ("server", false), ("stranger", false), (nil, false)] {
                let fields = key.map { ["authorization: Bearer \($0)"] } ?? []
                let answer = try await node.send("GET", "/readyz?verbose", fields, nil)
                let checks = answer.json["checks"]?.items ?? []
                #expect(answer.status == 200 && checks.map { $0["name"] } == ["store", "policy", "policy_follows", "keys"])
                #expect(checks.allSatisfy { ($0["detail"] != nil) == seesDetails && $0["ok"] == true }, "\(key ?? "no key")")
            }
        }
    }

    /// The keys "operator", "reader" and "server".
    private static let roles = """
        - {key_sha256: 06e55b633481f7bb072957eabcf110c972e86691c3cfedabe088024bffe42f23, role: ops}
        - {key_sha256: 3d0941964aa3ebdcb00ccef58b1bb399f9f898465e9886d5aec7f31090a0fb30, role: read}
        - {key_sha256: b3eacd33433b31b5252351032c9b3e7a2e7aa7738d5decdf0dd6c62680853c06, role: app}
        """

    @Test("reading needs a read key, changing an ops key, health none")
    func rolesAreKept() async throws {
        var setting = Node.Setting()
        setting.keys = Self.roles
        try await Node.run(setting) { node in
            #expect(try await node.get("/readyz").status == 200)
            let unknown = try await node.get("/v1/policy")
            #expect(unknown.status == 401 && unknown["www-authenticate"]?.hasPrefix("Bearer") == true)
            #expect(try await node.get("/v1/policy", "authorization: Bearer reader").status == 200)
            #expect(try await node.get("/v1/policy", "authorization: Bearer operator").status == 200)
            #expect(try await node.get("/v1/policy", "authorization: Bearer server").code == "wrong_role")
            let policy = Example.policy(limit: 4)
            #expect(try await node.put("/v1/policy", yaml: policy, "authorization: Bearer reader").status == 403)
            #expect(try await node.put("/v1/policy", yaml: policy, "authorization: Bearer operator").status == 200)
            let version = try await node.get("/v1/policy/history", "authorization: Bearer reader").json["versions"]?.items.first
            #expect(version?["actor"]?.text?.hasPrefix("key:") == true)
        }
    }
}
