import TestSupport
import Testing

/// Paths, methods and media types.
@Suite("Routing", .timeLimit(.minutes(1)))
struct RoutingTests {
    @Test("the prefix may be left out")
    func prefix() async throws {
        try await Listener.run { listener in
            let id = try await listener.post("/reserve", Example.reserve).json["reservation_id"]
            #expect(try await listener.post("/check", Example.reserve).json["decision"] == "allow")
            #expect(try await listener.post("/extend", ["reservation_id": id ?? nil, "ttl_seconds": 5]).status == 200)
            #expect(try await listener.post("/commit", ["reservation_id": id ?? nil]).json["state"] == "committed")
            #expect(try await listener.post("/release", ["reservation_id": id ?? nil]).status == 409)
            #expect(try await listener.post("/record", [:]).status == 400)
            #expect(try await listener.get("/users/u_42").json["user"] == "u_42")
            #expect(try await listener.get("/v1/livez").status == 200)
        }
    }

    static let nowhere = [
        "/", "/v1", "/v1/", "/v2/reserve", "/v1/v1/reserve", "/V1/reserve", "/v1/Reserve", "/v1/reserve/", "/v1//reserve",
        "//v1/reserve",
        "/reserves", "/users", "/users/", "/v1/users/a/b", "/v1/%72eserve", "/v1/../reserve", "/policy", "/v1/policy", "/metrics",
    ]

    @Test("elsewhere there is nothing", arguments: nowhere)
    func notFound(_ path: String) async throws {
        try await Listener.run { listener in
            for answer in [try await listener.get(path), try await listener.post(path, Example.reserve)] {
                #expect(answer.status == 404)
                #expect(answer.code == "not_found")
            }
        }
    }

    @Test("a query does not change the path")
    func query() async throws {
        try await Listener.run { listener in
            let reserve = try await listener.post("/v1/reserve?trace=1", Example.reserve)
            #expect(reserve.json["decision"] == "allow")
            let user = try await listener.get("/v1/users/u%3Fx?y=/z")
            #expect(user.json["user"] == "u?x")
        }
    }

    @Test("an absolute target is its path")
    func absoluteTarget() async throws {
        try await Listener.run { listener in
            let answer = try await listener.get("http://localhost/livez")
            #expect(answer.status == 200)
        }
    }

    @Test(
        "another method is 405 and names the right one",
        arguments: ["GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"])
    func wrongMethod(_ method: String) async throws {
        try await Listener.run { listener in
            for verb in ["reserve", "commit", "release", "extend", "check", "record"] {
                let answer = try await listener.send(method, "/v1/\(verb)", [], nil)
                #expect(answer.status == 405)
                #expect(answer["allow"] == "POST")
            }
        }
    }

    @Test("what comes with a GET is read past, and changes no answer", arguments: [("/livez", 200), ("/v1/reserve", 405), ("/x", 404)])
    func bodyOfGet(_ path: String, status: Int) async throws {
        try await Listener.run { listener in
            try await listener.wire { wire in
                try await wire.send(
                    "GET \(path) HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\n{}GET /livez HTTP/1.1\r\nhost: a\r\n\r\n")
                #expect(try await wire.answer().status == status)
                #expect(try await wire.answer().status == 200)
            }
        }
    }

    @Test("what is only read cannot be written", arguments: ["/livez", "/readyz", "/v1/users/u"])
    func readOnly(_ path: String) async throws {
        try await Listener.run { listener in
            for method in ["PUT", "DELETE", "PATCH"] {
                let answer = try await listener.send(method, path, [], nil)
                #expect(answer.status == 405)
                #expect(answer["allow"]?.contains("GET") == true)
            }
            let typed = try await listener.post(path, [:])
            #expect(typed.status == 405)
            // What the path cannot do comes before what the body is.
            let untyped = try await listener.send("POST", path, [], [])
            #expect(untyped.status == 405)
        }
    }

    @Test("a path that is not there is 404 whatever the media type")
    func notFoundFirst() async throws {
        try await Listener.run { listener in
            let answer = try await listener.send("POST", "/v1/nowhere", ["content-type: text/plain"], [1])
            #expect(answer.status == 404)
        }
    }

    @Test("a method nobody knows is refused")
    func unknownMethod() async throws {
        try await Listener.run { listener in
            let answer = try await listener.send("BREW", "/v1/reserve", [], nil)
            #expect([400, 405, 501].contains(answer.status))
        }
    }

    static let foreignTypes: [String?] = [
        nil, "text/plain", "application/x-www-form-urlencoded", "application/jsonp", "application/xml", "json", "", "text/json",
        "application/json, text/plain", "application/jso\u{6E}x",
    ]

    @Test("only JSON is read", arguments: foreignTypes)
    func foreignType(_ type: String?) async throws {
        try await Listener.run { listener in
            let fields = type.map { ["content-type: \($0)"] } ?? []
            let answer = try await listener.send("POST", "/v1/reserve", fields, Example.reserve.bytes)
            #expect(answer.status == 415)
            #expect(answer.code != nil)
            #expect(try await listener.allowance("daily-tokens", of: "u_42")?["held"] == 0)
        }
    }

    @Test(
        "JSON by any of its spellings is read",
        arguments: [
            "application/json", "Application/JSON", "application/json; charset=utf-8", "application/json;charset=UTF-8",
            "application/json ;a=b",
        ])
    func ownType(_ type: String) async throws {
        try await Listener.run { listener in
            let answer = try await listener.send("POST", "/v1/reserve", ["content-type: \(type)"], Example.reserve.bytes)
            #expect(answer.status == 200)
        }
    }

    @Test("a coded body is refused", arguments: ["gzip", "br", "deflate", "zstd", "gzip, identity", "x"])
    func contentCoding(_ coding: String) async throws {
        try await Listener.run { listener in
            let fields = ["content-type: application/json", "content-encoding: \(coding)"]
            let answer = try await listener.send("POST", "/v1/reserve", fields, Example.reserve.bytes)
            #expect(answer.status == 415)
            #expect(answer.code != nil)
        }
    }

    @Test("live and ready answer JSON")
    func health() async throws {
        try await Listener.run { listener in
            for path in ["/livez", "/readyz"] {
                let answer = try await listener.get(path)
                #expect(answer.status == 200)
                #expect(answer.json != .null)
            }
        }
    }
}
