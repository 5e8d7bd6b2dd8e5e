@testable import ControlServer
import HTTPTypes
import NIOCore
import TestSupport
import Testing

/// Answers that are made while they are read.
@Suite("Streamed answers", .timeLimit(.minutes(1)))
struct StreamTests {
    private struct Broken: Error {}

    private static func setting(_ stream: @escaping ControlAnswer.Stream) -> ControlListener.Setting {
        var setting = ControlListener.Setting()
        setting.endpoints = [
            Endpoint(.get, "/stream", .read, body: 0) { _ in ControlAnswer(contentType: "text/plain", stream: stream) }
        ]
        return setting
    }

    private static let alphabet: ControlAnswer.Stream = { give in
        for letter in "abcdefgh".utf8 { try await give([letter, letter]) }
    }

    @Test("arrive whole, and the connection goes on")
    func whole() async throws {
        try await ControlListener.run(Self.setting(Self.alphabet)) { listener in
            let answers = try await Wire.open(port: listener.client.port) { wire in
                var answers: [Answer] = []
                for _ in 0..<2 {
                    try await wire.send(WireClient.request("GET", "/stream"))
                    answers.append(try await wire.answer())
                }
                return answers
            }
            for answer in answers {
                #expect(answer.status == 200 && answer["transfer-encoding"] == "chunked" && answer["content-type"] == "text/plain")
                #expect(String(decoding: answer.body, as: UTF8.self) == "aabbccddeeffgghh")
            }
        }
    }

    @Test("have a length for HEAD and nothing behind it")
    func head() async throws {
        try await ControlListener.run(Self.setting(Self.alphabet)) { listener in
            let (head, next) = try await Wire.open(port: listener.client.port) { wire in
                try await wire.send(WireClient.request("HEAD", "/stream"))
                let head = try await wire.answer(bodiless: true)
                try await wire.send(WireClient.request("GET", "/livez"))
                return (head, try await wire.answer())
            }
            #expect(head.status == 200 && head["content-length"] == "16" && head["transfer-encoding"] == nil)
            #expect(next.status == 200)
        }
    }

    @Test("that break off close the connection without their end")
    func brokenOff() async throws {
        let stream: ControlAnswer.Stream = { give in
            try await give(Array("begun".utf8))
            throw Broken()
        }
        try await ControlListener.run(Self.setting(stream)) { listener in
            let text = try await Wire.open(port: listener.client.port) { wire in
                try await wire.send(WireClient.request("GET", "/stream"))
                return await wire.rest()
            }
            #expect(text.hasPrefix("HTTP/1.1 200") && text.hasSuffix("begun\r\n"), "\(text)")
            let head = try await listener.client.send("HEAD", "/stream")
            #expect(head.status == 500)
        }
    }

    /// A stream without end, and a sequence that ends when it is given up.
    private static func endless() -> (stream: ControlAnswer.Stream, ended: AsyncStream<Void>) {
        let (ended, continuation) = AsyncStream.makeStream(of: Void.self)
        let stream: ControlAnswer.Stream = { give in
            defer { continuation.finish() }
            while true { try await give([UInt8](repeating: 120, count: 16_384)) }
        }
        return (stream, ended)
    }

    @Test("end when their reader is gone")
    func readerGone() async throws {
        let (stream, ended) = Self.endless()
        try await ControlListener.run(Self.setting(stream)) { listener in
            try await Wire.open(port: listener.client.port) { wire in try await wire.send(WireClient.request("GET", "/stream")) }
            for await _ in ended {}
        }
    }

    @Test("end when their reader reads nothing")
    func readerAsleep() async throws {
        let (stream, ended) = Self.endless()
        var setting = Self.setting(stream)
        setting.limits.unread = .milliseconds(100)
        try await ControlListener.run(setting) { listener in
            try await Wire.open(port: listener.client.port) { wire in
                try await wire.send(WireClient.request("GET", "/stream"))
                for await _ in ended {}
            }
        }
    }
}
