import TestSupport
import Testing

/// What breaks HTTP is refused here as it is on the decision listener.
@Suite("The control API's framing") struct FramingTests {
    private static func answer(_ node: Node, _ request: String) async throws -> Answer {
        try await Wire.open(port: node.port) { wire in
            try await wire.send(request)
            return try await wire.answer()
        }
    }

    @Test("a coded body is refused, and nothing is stored")
    func contentCoding() async throws {
        try await Node.run { node in
            let before = try await node.get("/v1/policy").json
            let policy = Example.policy(limit: 4)
            let coded = try await node.put("/v1/policy", yaml: policy, "content-encoding: gzip", "x-request-id: mine")
            #expect(coded.status == 415 && coded.code == "unsupported_content_coding" && coded["x-request-id"] == "mine")
            #expect(try await node.get("/v1/policy").json == before)
            #expect(try await node.put("/v1/policy", yaml: policy, "content-encoding: identity").status == 200)
        }
    }

    @Test(
        "a request names one host",
        arguments: [("", 400), ("host: a\r\nhost: b\r\n", 400), ("host:\r\n", 200), ("host: a\r\n", 200)])
    func hosts(fields: String, status: Int) async throws {
        try await Node.run { node in
            let answer = try await Self.answer(node, "GET /livez HTTP/1.1\r\n\(fields)\r\n")
            #expect(answer.status == status)
            if status == 400 { #expect(answer.code == "malformed_http") }
        }
    }

    @Test("HTTP/1.0, as load balancers ask for health, needs none")
    func oldVersion() async throws {
        try await Node.run { node in
            let answer = try await Self.answer(node, "GET /livez HTTP/1.0\r\n\r\n")
            #expect(answer.status == 200)
        }
    }

    @Test("a head that is too large, or none, is told so")
    func unreadableHeads() async throws {
        try await Node.run { node in
            let large = "GET /livez HTTP/1.1\r\nhost: a\r\nx: \(String(repeating: "x", count: 200_000))\r\n\r\n"
            let refused = try await Self.answer(node, large)
            #expect(refused.code == "headers_too_large")
            let none = try await Self.answer(node, "HELLO\r\n\r\n")
            #expect(none.status == 400 && none.code == "malformed_http")
        }
    }

    @Test(
        "the head of a request has the decision listener's limits",
        arguments: [
            ("GET /livez HTTP/1.1\r\nhost: a\r\nx: \(String(repeating: "x", count: 33_000))\r\n", 431, "headers_too_large"),
            ("GET /livez HTTP/1.1\r\nhost: a\r\n" + String(repeating: "x: y\r\n", count: 100), 431, "headers_too_large"),
            ("PUT /v1/policy HTTP/1.1\r\nhost: a\r\nexpect: foo\r\n", 417, "unknown_expectation"),
            ("CONNECT a:80 HTTP/1.1\r\nhost: a:80\r\n", 501, "no_tunnel"),
            ("GET /livez HTTP/1.1\r\nhost: a\r\ntransfer-encoding: gzip\r\n", 501, "unknown_transfer_coding"),
            ("PUT /v1/users/u HTTP/1.1\r\nhost: a\r\ntransfer-encoding: gzip, chunked\r\n", 501, "unknown_transfer_coding"),
        ])
    func refusedHeads(head: String, status: Int, code: String) async throws {
        try await Node.run { node in
            let text = try await Wire.open(port: node.port) { wire in
                try await wire.send(head + "\r\n{}GET /livez HTTP/1.1\r\nhost: a\r\n\r\n")
                return await wire.rest()
            }
            let answer = try Self.only(text)
            #expect(answer.status == status && answer.code == code && answer.closes, "\(text)")
        }
    }

    @Test(
        "a body whose chunks cannot be read is the caller's mistake, with a key and without", arguments: ["zz\r\n{}\r\n", "2\r\n{}x"])
    func brokenChunks(chunks: String) async throws {
        let request =
            "PUT /v1/users/u HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n"
            + chunks + "\r\n0\r\n\r\nGET /livez HTTP/1.1\r\nhost: a\r\n\r\n"
        for keys in [nil, "- {key_sha256: 06e55b633481f7bb072957eabcf110c972e86691c3cfedabe088024bffe42f23, role: ops}"] {
            var setting = Node.Setting()
            setting.keys = keys
            try await Node.run(setting) { node in
                let text = try await Wire.open(port: node.port) { wire in
                    try await wire.send(request)
                    return await wire.rest()
                }
                let answer = try Self.only(text)
                #expect(keys == nil ? answer.code == "malformed_http" : answer.code == "unauthorized", "\(text)")
            }
        }
    }

    @Test("who hangs up in the midst of a body is no failure of the service, and is not counted")
    func hangUp() async throws {
        try await Node.run { node in
            let text = try await Wire.open(port: node.port) { wire in
                try await wire.send(
                    "PUT /v1/users/u HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 10\r\n\r\n{")
                wire.finish()
                return await wire.rest()
            }
            if !text.isEmpty { #expect(try Self.only(text).code == "client_closed", "\(text)") }
            let metrics = String(decoding: try await node.get("/metrics").body, as: UTF8.self)
            for status in ["4xx", "5xx"] {
                #expect(metrics.contains("tokenbudget_http_requests_total{listener=\"control\",status=\"\(status)\"} 0"), "\(metrics)")
            }
        }
    }

    /// The answer that a connection had, and no other.
    private static func only(_ text: String) throws -> Answer {
        var bytes = Array(text.utf8)
        let answer = try #require(try Answer(takingFrom: &bytes, bodiless: false))
        #expect(bytes.isEmpty, "a second answer: \(text)")
        return answer
    }

    @Test("what comes with a GET is read past, and changes no answer", arguments: [("/livez", 200), ("/x", 404)])
    func bodyOfGet(_ path: String, status: Int) async throws {
        try await Node.run { node in
            try await Wire.open(port: node.port) { wire in
                try await wire.send(
                    "GET \(path) HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\n{}GET /livez HTTP/1.1\r\nhost: a\r\n\r\n")
                #expect(try await wire.answer().status == status)
                #expect(try await wire.answer().status == 200)
            }
        }
    }

    @Test("a refusal waits for the answers before it")
    func pipelined() async throws {
        try await Node.run { node in
            try await Wire.open(port: node.port) { wire in
                try await wire.send("GET /v1/policy HTTP/1.1\r\nhost: a\r\n\r\nGET /livez HTTP/1.1\r\n\r\n")
                let first = try await wire.answer()
                #expect(first.status == 200)
                let refused = try await wire.answer()
                #expect(refused.status == 400 && refused["connection"] == "close")
            }
        }
    }

    @Test(
        "the Accept field's weights and order choose between JSON and YAML",
        arguments: [
            ("application/yaml", true), ("application/json, application/yaml;q=0", false),
            ("application/yaml;q=0", false), ("application/yaml;q=0.5, application/json", false), ("*/*", false),
            ("application/json;q=0.5, text/yaml", true), ("application/yaml, application/json", true),
        ])
    func preferences(accept: String, yaml: Bool) async throws {
        try await Node.run { node in
            let answer = try await node.get("/v1/policy", "accept: \(accept)")
            #expect(answer["content-type"] == (yaml ? "application/yaml" : "application/json"))
        }
    }

    @Test("a body in another encoding than UTF-8 is refused", arguments: [("latin1", 415), ("UTF-8", 200), ("\"utf-8\"", 200)])
    func charset(name: String, status: Int) async throws {
        try await Node.run { node in
            let sent = try await node.send("PUT", "/v1/users/u", ["content-type: application/json; charset=\(name)"], Array("{}".utf8))
            #expect(sent.status == status)
        }
    }
}
