import NIOCore
import Testing

@testable import budget_load

@Suite struct ResponseTests {
    private static let decision = #"""
        {"decision":"degrade","reservation_id":"tb1_abc","model":"mini","max_output_tokens":500,"reason":"soft_limit",
         "held":{"tokens":2500,"cost_usd":0.0006},"allowances":[{"name":"a }\" ]","held":7,"decision":"reject"}]}
        """#

    private static func http(_ body: String, _ fields: String = "") -> String {
        "HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\n\(fields)\r\n\(body)"
    }

    @Test func anAnswerIsReadHoweverItIsCut() throws {
        let bytes = Array(Self.http(Self.decision).utf8)
        for size in 1...bytes.count {
            var reader = ResponseReader()
            var responses: [ResponseReader.Response] = []
            for start in stride(from: 0, to: bytes.count, by: size) {
                reader.append(ByteBuffer(bytes: bytes[start..<min(start + size, bytes.count)]))
                if let response = try reader.next() { responses.append(response) }
            }
            #expect(responses.map(\.status) == [200])
            #expect(responses.first.map { String(buffer: $0.body) } == Self.decision)
            #expect(reader.isEmpty)
        }
    }

    @Test func answersBehindEachOtherAreKeptApart() throws {
        var reader = ResponseReader()
        reader.append(ByteBuffer(string: Self.http("{}") + Self.http("", "Connection: close\r\n")))
        #expect(try reader.next().map { String(buffer: $0.body) } == "{}")
        #expect(try reader.next()?.closes == true)
        #expect(try reader.next() == nil)
    }

    @Test(arguments: [
        "HTTP/1.0 200 OK\r\ncontent-length: 0\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", "HTTP/1.1 200 OK\r\ncontent-length: 99999999\r\n\r\n",
        String(repeating: "x", count: 20_000),
    ])
    func whatCannotBeFollowedIsRefused(text: String) {
        var reader = ResponseReader()
        reader.append(ByteBuffer(string: text))
        #expect(throws: ResponseReader.Malformed.self) { try reader.next() }
    }

    @Test func aDecisionIsReadFromItsOwnFieldsOnly() throws {
        let answer = try #require(DecisionAnswer(ByteBuffer(string: Self.decision)))
        #expect(answer.decision == .degrade)
        #expect(answer.reason == "soft_limit")
        #expect(answer.id == Array("tb1_abc".utf8))
        #expect(answer.model == "mini")
        #expect(answer.granted == 500)
        #expect(answer.heldTokens == 2_500)
    }

    @Test(arguments: ["", "[]", "{", #"{"decision":"allow"}"#, #"{"decision":"maybe","reservation_id":"x"}"#, #"{"decision":"reject""#])
    func whatIsNoDecisionIsNone(text: String) { #expect(DecisionAnswer(ByteBuffer(string: text)) == nil) }

    @Test func aSettlementTellsWhatWasCharged() throws {
        let body = #"{ "reservation_id" : "x", "state":"committed", "charged":{"cost_usd":null, "tokens":1821}, "late" : true }"#
        let answer = try #require(SettlementAnswer(ByteBuffer(string: body)))
        #expect(answer.chargedTokens == 1_821)
        #expect(answer.isLate)
        #expect(ProblemAnswer.code(ByteBuffer(string: #"{"status":422,"code":"unknown_tier"}"#)) == "unknown_tier")
    }

    @Test func aCallIsWrittenWithTheLengthOfItsBody() throws {
        var settings = try Example.settings(port: 8_080)
        settings.key = "secret"
        settings.traffic.features = try Mix(#"a"b"#)
        var maker = RequestMaker(settings)
        var writer = RequestWriter(settings)
        var buffer = ByteBuffer()
        writer.write(.reserve, LoadRequest(&maker), to: &buffer)
        let parts = String(buffer: buffer).split(separator: "\r\n\r\n")
        #expect(parts[0].contains("authorization: Bearer secret\r\n"))
        #expect(parts[0].hasSuffix("content-length: \(parts[1].utf8.count)"))
        #expect(parts[1].contains(#""feature":"a\"b","model":"gpt-4o","input_tokens":"#))
    }

    @Test func onlyLoopbackIsLoopback() throws {
        for url in ["http://127.0.0.1:80", "http://localhost:8080", "http://[::1]:8080/", "http://127.9.9.9"] {
            #expect(try Target(url).isLoopback, "\(url)")
        }
        for url in ["http://10.0.0.1:80", "http://127.0.0.1.example.com", "http://localhost.example.com"] {
            #expect(try !Target(url).isLoopback, "\(url)")
        }
        for url in ["https://127.0.0.1", "127.0.0.1:80", "http://127.0.0.1/path", "http://user@127.0.0.1", "http://"] {
            #expect(throws: Target.Problem.self, "\(url)") { try Target(url) }
        }
    }
}
