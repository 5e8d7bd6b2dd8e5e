import TestSupport
import DecisionServer
import NIOCore
import Testing

/// Requests whose end two readers could see in different places. Each is refused and its connection closed, so that nothing
/// smuggled behind it is ever answered.
@Suite("Framing", .timeLimit(.minutes(1)))
struct FramingTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var request: String
        var testDescription: String { name }

        init(_ name: String, _ request: String) { (self.name, self.request) = (name, request) }

        /// A POST with these fields and this body.
        static func post(_ name: String, _ fields: String, _ body: String = "0\r\n\r\n", version: String = "1.1") -> Case {
            Case(name, "POST /v1/reserve HTTP/\(version)\r\nhost: a\r\ncontent-type: application/json\r\n\(fields)\r\n\r\n\(body)")
        }

        /// A chunked POST with this body.
        static func chunked(_ name: String, _ body: String) -> Case { .post(name, "transfer-encoding: chunked", body) }
    }

    static let lengths: [Case] = [
        .post("length and coding", "content-length: 5\r\ntransfer-encoding: chunked"),
        .post("coding and length", "transfer-encoding: chunked\r\ncontent-length: 5"),
        .post("two lengths", "content-length: 5\r\ncontent-length: 6"), .post("two lengths in one", "content-length: 5, 6"),
        .post("length with a plus", "content-length: +5"), .post("negative length", "content-length: -5"),
        .post("hexadecimal length", "content-length: 0x5"), .post("empty length", "content-length: "),
        .post("length with a space inside", "content-length: 0 5"), .post("length with a letter", "content-length: 5a"),
        .post("length 5.0", "content-length: 5.0"), .post("length with a vertical tab", "content-length: \u{B}5"),
        .post("length with a form feed after", "content-length: 5\u{C}"), .post("length in other digits", "content-length: ٥"),
        .post("length past 64 bits", "content-length: 99999999999999999999"),
        .post("length that wraps to 5", "content-length: 18446744073709551621"),
        .post("space before the colon of a length", "content-length : 5"),
    ]

    static let codings: [Case] = [
        .post("coding twice", "transfer-encoding: chunked\r\ntransfer-encoding: chunked"),
        .post("coding and identity", "transfer-encoding: chunked\r\ntransfer-encoding: identity"),
        .post("chunked, chunked", "transfer-encoding: chunked, chunked"),
        .post("chunked, identity", "transfer-encoding: chunked, identity"),
        .post("xchunked", "transfer-encoding: xchunked"), .post("quoted chunked", "transfer-encoding: \"chunked\""),
        .post("chunked;q=1", "transfer-encoding: chunked;q=1"), .post("vertical tab before chunked", "transfer-encoding: \u{B}chunked"),
        .post("form feed after chunked", "transfer-encoding: chunked\u{C}"), .post("folded coding", "transfer-encoding:\r\n chunked"),
        .post("folded after", "transfer-encoding: chunked\r\n , x"), .post("empty coding", "transfer-encoding: "),
        .post("space before the colon of a coding", "transfer-encoding : chunked"),
        .post("NUL in a coding", "transfer-encoding: chunk\0ed"),
        .post("coding in HTTP/1.0", "transfer-encoding: chunked", version: "1.0"),
    ]

    static let chunks: [Case] = [
        .chunked("size past 64 bits", "10000000000000005\r\nhello\r\n0\r\n\r\n"), .chunked("size 0x5", "0x5\r\nhello\r\n0\r\n\r\n"),
        .chunked("size +5", "+5\r\nhello\r\n0\r\n\r\n"), .chunked("size -5", "-5\r\nhello\r\n0\r\n\r\n"),
        .chunked("size with a space before", " 5\r\nhello\r\n0\r\n\r\n"), .chunked("no size", "\r\nhello\r\n0\r\n\r\n"),
        .chunked("size g", "g\r\nhello\r\n0\r\n\r\n"), .chunked("size 5_", "5_\r\nhello\r\n0\r\n\r\n"),
        .chunked("only an extension", ";a=b\r\nhello\r\n0\r\n\r\n"), .chunked("chunk longer than said", "5\r\nhelloXX0\r\n\r\n"),
        .chunked("bare CR after a size", "5\rhello\r\n0\r\n\r\n"), .chunked("bare LF in an extension", "5;a\nhello\r\n0\r\n\r\n"),
        .chunked("bare CR in an extension", "5;a\rb\r\nhello\r\n0\r\n\r\n"),
        .chunked("NUL in an extension", "5;\0\r\nhello\r\n0\r\n\r\n"),
        .chunked("bare CR after a chunk", "5\r\nhello\r0\r\n\r\n"), .chunked("no name in a trailer", "5\r\nhello\r\n0\r\n: x\r\n\r\n"),
    ]

    static let heads: [Case] = [
        .post("bare CR in a value", "x: a\rb\r\ncontent-length: 0"), .post("NUL in a value", "x: a\0b\r\ncontent-length: 0"),
        .post("space in a name", "x y: a\r\ncontent-length: 0"), .post("no name", ": a\r\ncontent-length: 0"),
        .post("no colon", "nothing\r\ncontent-length: 0"), .post("NUL in a name", "x\0: a\r\ncontent-length: 0"),
        .post("bare CR ends a field", "x: a\rcontent-length: 5", "hello"), .post("two hosts", "host: b\r\ncontent-length: 0"),
        Case("no host", "GET /livez HTTP/1.1\r\n\r\n"),
        Case("folded first field", "GET /livez HTTP/1.1\r\n x: y\r\nhost: a\r\n\r\n"),
        Case("NUL in the target", "GET /li\0vez HTTP/1.1\r\nhost: a\r\n\r\n"),
        Case("space in the target", "GET /livez x HTTP/1.1\r\nhost: a\r\n\r\n"),
        Case("bare CR in the target", "GET /livez\rHTTP/1.1\r\nhost: a\r\n\r\n"), Case("no version", "GET /livez\r\nhost: a\r\n\r\n"),
        Case("lower case version", "GET /livez http/1.1\r\nhost: a\r\n\r\n"),
        Case("version 2", "GET /livez HTTP/2.0\r\nhost: a\r\n\r\n"),
        Case("version 1.10", "GET /livez HTTP/1.10\r\nhost: a\r\n\r\n"), Case("version 0.9", "GET /livez HTTP/0.9\r\nhost: a\r\n\r\n"),
        Case("HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        Case("TLS hello", "\u{16}\u{3}\u{1}\u{2}\0\u{1}\0\u{1}\u{FC}\r\n\r\n"),
        Case("tunnel", "CONNECT localhost:80 HTTP/1.1\r\nhost: localhost:80\r\n\r\n"),
        Case("method with a tab", "GE\tT /livez HTTP/1.1\r\nhost: a\r\n\r\n"),
    ]

    @Test("no request can hide another", arguments: lengths + codings + chunks + heads)
    func refused(_ test: Case) async throws {
        try await Listener.run { listener in
            let before = try await listener.keyCount()
            let text = try await listener.wire { wire in
                try await wire.send(test.request + "GET /v1/users/smuggled HTTP/1.1\r\nhost: a\r\n\r\n")
                wire.finish()
                return await wire.rest()
            }
            var bytes = Array(text.utf8)
            let answer = try #require(try Answer(takingFrom: &bytes, bodiless: false))
            #expect((400..<600).contains(answer.status) && answer.status != 500 && answer.status != 503, "\(text)")
            #expect(answer.closes)
            #expect(bytes.isEmpty, "a second answer: \(text)")
            #expect(!text.contains("smuggled"))
            #expect(try await listener.keyCount() == before)
        }
    }

    @Test("good requests before a bad one are answered, then the connection ends", arguments: [chunks[0], lengths[0], heads[3]])
    func behindGoodOnes(_ test: Case) async throws {
        var setting = Listener.Setting()
        setting.limits.bodyDeadline = .seconds(60)
        try await Listener.run(setting) { listener in
            let good = String(decoding: Listener.request("GET", "/v1/users/first"), as: UTF8.self)
            let start = ContinuousClock.now
            let text = try await listener.wire { wire in
                try await wire.send(good + good + test.request + "GET /v1/users/smuggled HTTP/1.1\r\nhost: a\r\n\r\n")
                return await wire.rest()
            }
            #expect(ContinuousClock.now - start < .seconds(15))
            #expect(text.hasPrefix("HTTP/1.1 200 "))
            #expect(!text.contains("smuggled"))
        }
    }

    @Test("the connection is closed by the server, not only said to be")
    func closed() async throws {
        try await Listener.run { listener in
            let start = ContinuousClock.now
            let rest = try await listener.wire { wire in
                try await wire.send(Self.lengths[0].request)
                _ = try await wire.answer()
                return await wire.rest()
            }
            #expect(rest.isEmpty)
            #expect(ContinuousClock.now - start < .seconds(15))
        }
    }

    @Test("after garbage on one connection others are served")
    func othersAreServed() async throws {
        try await Listener.run { listener in
            for seed in 0..<50 {
                let noise = (0..<200).map { UInt8(truncatingIfNeeded: ($0 &* 7_919 &+ seed &* 104_729) >> 3) }
                _ = try await listener.wire { wire in
                    try await wire.send(noise + [13, 10, 13, 10])
                    wire.finish()
                    return await wire.rest()
                }
            }
            #expect(try await listener.get("/livez").status == 200)
        }
    }
}
