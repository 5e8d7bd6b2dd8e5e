import TestSupport
import DecisionServer
import NIOCore
import Testing

/// Requests that are too much of something, refused before they cost anything.
@Suite("HTTP limits", .timeLimit(.minutes(1)))
struct LimitTests {
    private static func listener(_ change: (inout ServerLimits) -> Void, _ body: (Listener) async throws -> Void) async throws {
        var setting = Listener.Setting()
        change(&setting.limits)
        try await Listener.run(setting, body)
    }

    private static let head = "POST /v1/reserve HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n"

    @Test("a body announced too large is refused before it is sent", arguments: [65_537, 10 << 20, Int.max])
    func announcedBody(_ length: Int) async throws {
        try await Listener.run { listener in
            let (answer, rest) = try await listener.wire { wire in
                try await wire.send(Self.head + "content-length: \(length)\r\n\r\n")
                return (try await wire.answer(), await wire.rest())
            }
            #expect(answer.status == 413)
            #expect(answer.code != nil)
            #expect(answer.closes)
            #expect(rest.isEmpty)
        }
    }

    @Test("a body of 10 MB is refused, and who sends it all reads the answer", arguments: [false, true])
    func sentBody(_ chunked: Bool) async throws {
        try await Listener.run { listener in
            let before = try await listener.keyCount()
            let answer = try await listener.wire { wire in
                let framing = chunked ? "transfer-encoding: chunked" : "content-length: \(10 << 20)"
                try await wire.send(Self.head + framing + "\r\n\r\n")
                let block = [UInt8](repeating: UInt8(ascii: " "), count: 1 << 20)
                for _ in 0..<10 {
                    let bytes = chunked ? Array("100000\r\n".utf8) + block + Array("\r\n".utf8) : block
                    do { try await wire.send(bytes) } catch { break }
                }
                return try await wire.answer()
            }
            #expect(answer.status == 413)
            #expect(answer.closes)
            #expect(try await listener.keyCount() == before)
        }
    }

    @Test("a body of exactly the limit is read, one byte more is not", arguments: [false, true])
    func bodyAtTheLimit(_ chunked: Bool) async throws {
        try await Self.listener {
            $0.body = 1_000
        } _: { listener in
            for (size, status) in [(1_000, 200), (1_001, 413)] {
                let body = Example.reserve.bytes + [UInt8](repeating: UInt8(ascii: " "), count: size - Example.reserve.bytes.count)
                let framed =
                    chunked
                    ? Array("transfer-encoding: chunked\r\n\r\n\(String(size, radix: 16))\r\n".utf8) + body
                        + Array("\r\n0\r\n\r\n".utf8)
                    : Array("content-length: \(size)\r\n\r\n".utf8) + body
                let answer = try await listener.wire { wire in
                    try await wire.send(Array(Self.head.utf8) + framed)
                    return try await wire.answer()
                }
                #expect(answer.status == status)
            }
        }
    }

    @Test("a target too long is 414", arguments: [8_193, 16_000])
    func longTarget(_ length: Int) async throws {
        try await Listener.run { listener in
            let answer = try await listener.get("/v1/users/" + String(repeating: "a", count: length))
            #expect(answer.status == 414)
            #expect(answer.code != nil)
            #expect(answer.closes)
        }
    }

    @Test("a target of 64 KiB is 414 or 431")
    func hugeTarget() async throws {
        try await Listener.run { listener in
            let answer = try await listener.get("/" + String(repeating: "a", count: 64 << 10))
            #expect(answer.status == 414)
        }
    }

    static let heads: [(String, [String])] = [
        ("101 fields", (0..<101).map { "x-\($0): y" }),
        ("100,000 fields", (0..<100_000).map { "x-\($0): y" }),
        ("one field of 33 KiB", ["x: " + String(repeating: "y", count: 33 << 10)]),
        ("one field of 1 MiB", ["x: " + String(repeating: "y", count: 1 << 20)]),
        ("a name of 81 KiB", [String(repeating: "x", count: 81 << 10) + ": y"]),
        ("10 fields of 8 KiB", (0..<10).map { "x-\($0): " + String(repeating: "y", count: 8 << 10) }),
    ]

    @Test("a head too large is 431", arguments: heads)
    func largeHead(_ name: String, _ fields: [String]) async throws {
        try await Listener.run { listener in
            let request = Listener.request("GET", "/livez", fields)
            let answer = try await listener.wire { wire in
                try? await wire.send(request)
                return try await wire.answer()
            }
            #expect(answer.status == 431)
            #expect(answer.code != nil)
            #expect(answer.closes)
        }
    }

    @Test("an expectation other than 100-continue is 417", arguments: ["200-ok", "100-continue, more", "x"])
    func unknownExpectation(_ text: String) async throws {
        try await Listener.run { listener in
            let answer = try await listener.post("/v1/reserve", Example.reserve, "expect: \(text)")
            #expect(answer.status == 417)
        }
    }

    @Test("a transfer coding nobody knows is 501", arguments: ["gzip", "gzip, chunked", "identity", "deflate"])
    func unknownTransferCoding(_ coding: String) async throws {
        try await Listener.run { listener in
            let (answer, rest) = try await listener.wire { wire in
                try await wire.send(Self.head + "transfer-encoding: \(coding)\r\n\r\n0\r\n\r\n")
                return (try await wire.answer(), await wire.rest())
            }
            // A request whose last coding is not chunked has no end that could be known: 400 is as good.
            #expect(answer.status == 501 || (answer.status == 400 && !coding.hasSuffix("chunked")))
            #expect(answer.closes)
            #expect(rest.isEmpty)
        }
    }

    @Test("a body that comes too slowly is 408, even if it never stops", arguments: [false, true])
    func slowBody(_ trickles: Bool) async throws {
        try await Self.listener {
            $0.bodyDeadline = .milliseconds(300)
        } _: { listener in
            let (answer, rest) = try await listener.wire { wire in
                try await wire.send(Self.head + "content-length: 1000\r\n\r\n{")
                for _ in 0..<(trickles ? 30 : 0) {
                    do { try await wire.send(" ") } catch { break }
                    try await Task.sleep(for: .milliseconds(50))
                }
                return (try await wire.answer(), await wire.rest())
            }
            #expect(answer.status == 408)
            #expect(answer.code != nil)
            #expect(answer.closes)
            #expect(rest.isEmpty)
        }
    }

    @Test("a head that never ends is not waited for", arguments: ["", "POST /v1/res", "POST /v1/reserve HTTP/1.1\r\nhost: a\r\n"])
    func slowHead(_ start: String) async throws {
        try await Self.listener {
            $0.firstHeadDeadline = .milliseconds(300)
        } _: { listener in
            let start = start
            let clock = ContinuousClock.now
            let rest = try await listener.wire { wire in
                if !start.isEmpty { try await wire.send(start) }
                return await wire.rest()
            }
            #expect(rest.isEmpty || rest.hasPrefix("HTTP/1.1 408 "))
            // A head between two requests has 75 seconds.
            #expect(ContinuousClock.now - clock < .seconds(15))
        }
    }

    @Test("one connection too many is told so")
    func tooManyConnections() async throws {
        try await Self.listener {
            $0.connections = 1
        } _: { listener in
            let answer = try await listener.wire { first in
                try await first.send(Listener.request("GET", "/livez"))
                _ = try await first.answer()
                return try await listener.get("/livez")
            }
            #expect(answer.status == 503)
            #expect(answer.closes)
            // The place is free again.
            try await Task.sleep(for: .milliseconds(50))
            #expect(try await listener.get("/livez").status == 200)
        }
    }
}
