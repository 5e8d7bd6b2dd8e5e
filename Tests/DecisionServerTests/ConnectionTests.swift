import TestSupport
import Testing

/// What one connection may carry.
@Suite("Connections", .timeLimit(.minutes(1)))
struct ConnectionTests {
    private static func reserve(_ output: Int) -> [UInt8] {
        let body = Example.reserve.with(["input_tokens": 0, "max_output_tokens": .number(Double(output))])
        return Listener.request("POST", "/v1/check", ["content-type: application/json"], body.bytes)
    }

    @Test("a connection serves one request after the other")
    func keepAlive() async throws {
        try await Listener.run { listener in
            try await listener.wire { wire in
                for output in 0..<20 {
                    try await wire.send(Self.reserve(output))
                    let answer = try await wire.answer()
                    #expect(answer.json["max_output_tokens"] == .number(Double(output)))
                    #expect(!answer.closes)
                }
            }
        }
    }

    @Test("a hundred requests sent at once are answered in order, errors among them")
    func pipelining() async throws {
        try await Listener.run { listener in
            let requests = (0..<100).flatMap { index in
                index % 10 == 3 ? Listener.request("GET", "/nowhere/\(index)") : Self.reserve(index)
            }
            try await listener.wire { wire in
                try await wire.send(requests)
                for index in 0..<100 {
                    let answer = try await wire.answer()
                    if index % 10 == 3 {
                        #expect(answer.json["detail"]?.text?.contains("/nowhere/\(index)") == true)
                    } else {
                        #expect(answer.json["max_output_tokens"] == .number(Double(index)))
                    }
                }
            }
        }
    }

    @Test("thousands of requests behind one that waits for Redis are answered, too")
    func deepPipeline() async throws {
        try await Listener.run { listener in
            try await listener.wire { wire in
                try await wire.send(Self.reserve(1) + (0..<5_000).flatMap { _ in Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8) })
                #expect(try await wire.answer().status == 200)
                for _ in 0..<5_000 { #expect(try await wire.answer().status == 404) }
            }
        }
    }

    @Test("a peer that has said all gets the answer to everything it said")
    func pipeliningThenClosing() async throws {
        try await Listener.run { listener in
            let text = try await listener.wire { wire in
                try await wire.send((0..<10).flatMap { Self.reserve($0) })
                wire.finish()
                return await wire.rest()
            }
            #expect(text.split(separator: "HTTP/1.1 200 OK").count == 10)
        }
    }

    @Test("a peer that reads late gets every answer")
    func lateReader() async throws {
        try await Listener.run { listener in
            try await listener.wire { wire in
                try await wire.send((0..<2_000).flatMap { _ in Listener.request("GET", "/livez") })
                try await Task.sleep(for: .milliseconds(300))
                for _ in 0..<2_000 {
                    let answer = try await wire.answer()
                    #expect(answer.status == 200)
                }
            }
        }
    }

    @Test("a request may come byte by byte")
    func byteByByte() async throws {
        try await Listener.run { listener in
            let answer = try await listener.wire { wire in
                for byte in Self.reserve(7) { try await wire.send([byte]) }
                return try await wire.answer()
            }
            #expect(answer.json["max_output_tokens"] == 7)
        }
    }

    @Test("a chunked body is read, extensions and trailers skipped")
    func chunked() async throws {
        try await Listener.run { listener in
            let body = String(decoding: Example.reserve.bytes, as: UTF8.self)
            let chunks = body.map { "1;ext=\"a\"\r\n\($0)\r\n" }.joined() + "0\r\nx-trailer: y\r\n\r\n"
            let (answer, next) = try await listener.wire { wire in
                try await wire.send(
                    "POST /v1/reserve HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\nTransfer-Encoding: Chunked\r\n\r\n"
                        + chunks)
                let answer = try await wire.answer()
                try await wire.send(Listener.request("GET", "/livez"))
                return (answer, try await wire.answer())
            }
            #expect(answer.json["decision"] == "allow", "\(answer.json)")
            #expect(next.status == 200)
        }
    }

    @Test("a peer that has said all still gets its answer")
    func halfClosed() async throws {
        try await Listener.run { listener in
            for request in [Self.reserve(7), Listener.request("GET", "/livez"), Listener.request("GET", "/v1/users/u")] {
                let answer = try await listener.wire { wire in
                    try await wire.send(request)
                    wire.finish()
                    return try await wire.answer()
                }
                #expect(answer.status == 200)
            }
        }
    }

    @Test("a connection the peer wants closed is closed")
    func close() async throws {
        try await Listener.run { listener in
            let (answer, rest) = try await listener.wire { wire in
                try await wire.send(Listener.request("GET", "/livez", ["Connection: Close"]))
                return (try await wire.answer(), await wire.rest())
            }
            #expect(answer.status == 200)
            #expect(answer.closes)
            #expect(rest.isEmpty)
        }
    }

    @Test("HEAD is GET without the body")
    func head() async throws {
        try await Listener.run { listener in
            for path in ["/livez", "/readyz", "/v1/users/u", "/v1/nowhere"] {
                let get = try await listener.get(path)
                let (head, next) = try await listener.wire { wire in
                    try await wire.send(Listener.request("HEAD", path))
                    let head = try await wire.answer(bodiless: true)
                    try await wire.send(Listener.request("GET", "/livez"))
                    return (head, try await wire.answer())
                }
                #expect(head.status == get.status)
                #expect(head["content-length"] == get["content-length"])
                #expect(next.status == 200)
            }
        }
    }

    // MARK: HTTP/1.0

    @Test("HTTP/1.0 is answered once, without needing a host")
    func oldVersion() async throws {
        try await Listener.run { listener in
            let (answer, rest) = try await listener.wire { wire in
                try await wire.send("GET /livez HTTP/1.0\r\n\r\n")
                return (try await wire.answer(), await wire.rest())
            }
            #expect(answer.status == 200)
            #expect(rest.isEmpty)
        }
    }

    @Test("an HTTP/1.0 peer that asks to keep the connection is told whether it is")
    func oldKeepAlive() async throws {
        try await Listener.run { listener in
            let answer = try await listener.wire { wire in
                try await wire.send("GET /livez HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
                return try await wire.answer()
            }
            #expect(["close", "keep-alive"].contains(answer["connection"]?.lowercased()))
        }
    }

    // MARK: Expect and upgrade

    @Test("who waits for 100 gets it, then the answer")
    func expectContinue() async throws {
        try await Listener.run { listener in
            let (first, second) = try await listener.wire { wire in
                let request = Listener.request(
                    "POST", "/v1/reserve", ["content-type: application/json", "Expect: 100-Continue"], Example.reserve.bytes)
                let head = request.dropLast(Example.reserve.bytes.count)
                try await wire.send(Array(head))
                let first = try await wire.answer()
                try await wire.send(Example.reserve.bytes)
                return (first, try await wire.answer())
            }
            #expect(first.status == 100)
            #expect(second.json["decision"] == "allow")
        }
    }

    @Test("HTTP/1.0 knows no 100")
    func oldExpect() async throws {
        try await Listener.run { listener in
            let body = Example.reserve.bytes
            let answer = try await listener.wire { wire in
                try await wire.send(
                    "POST /v1/reserve HTTP/1.0\r\ncontent-type: application/json\r\nexpect: 100-continue\r\ncontent-length: \(body.count)\r\n\r\n"
                )
                try await wire.send(body)
                return try await wire.answer()
            }
            #expect(answer.status == 200)
        }
    }

    @Test("an offer to upgrade is passed over, as curl --http2 sends it", arguments: ["h2c", "websocket", "TLS/1.0"])
    func upgrade(_ protocolName: String) async throws {
        try await Listener.run { listener in
            let fields = ["Connection: Upgrade, HTTP2-Settings", "Upgrade: \(protocolName)", "HTTP2-Settings: AAMAAABkAAQAAP__"]
            let post = fields + ["content-type: application/json"]
            for request in [
                Listener.request("GET", "/livez", fields), Listener.request("POST", "/v1/reserve", post, Example.reserve.bytes),
            ] {
                let answers = try await listener.wire { wire in
                    try await wire.send(request)
                    let first = try await wire.answer()
                    if !first.closes { try await wire.send(Listener.request("GET", "/livez")) }
                    return first.closes ? [first] : [first, try await wire.answer()]
                }
                #expect(answers.allSatisfy { $0.status == 200 })
            }
        }
    }
}
