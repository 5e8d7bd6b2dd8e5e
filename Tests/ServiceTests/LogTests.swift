import Foundation
import Logging
import Synchronization
import TestSupport
import Testing

@testable import token_budget

/// What is written to stderr, and what never is.
@Suite("Logs", .timeLimit(.minutes(1)))
struct LogTests {
    // MARK: One line

    private struct Failure: Error, CustomStringConvertible {
        let description = "it \"broke\"\n"
    }

    private final class Lines: Sendable {
        let kept = Mutex<[[UInt8]]>([])
    }

    /// The lines that `body` logs.
    private static func lines(_ body: (inout Logger) -> Void) -> [[UInt8]] {
        let lines = Lines()
        var logger = Logger(label: "test") { _ in JSONLogHandler { line in lines.kept.withLock { $0.append(line) } } }
        body(&logger)
        return lines.kept.withLock { $0 }
    }

    @Test("a line is one JSON object, whatever stands in it")
    func line() throws {
        let lines = Self.lines { logger in
            logger[metadataKey: "node"] = "a"
            logger.notice(
                "two\nlines \"quoted\" \u{1}\u{E9}", error: Failure(),
                metadata: ["list": ["x", "1"], "map": ["k": "\\"], "count": "\(3)", "level": "mine"])
            logger.debug("not this one")
        }
        #expect(lines.count == 1)
        let line = try #require(lines.first)
        #expect(line.count { $0 == UInt8(ascii: "\n") } == 1)
        #expect(line.last == UInt8(ascii: "\n"))
        var json = try JSON(parsing: line)
        #expect(json["time"]?.text?.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/) != nil)
        json["time"] = nil
        let expected: JSON = [
            "level": "notice", "message": "two\nlines \"quoted\" \u{1}\u{E9}", "node": "a", "error": "it \"broke\"\n",
            "list": ["x", "1"], "map": ["k": "\\"], "count": "3", "meta_level": "mine",
        ]
        #expect(json == expected)
    }

    // MARK: A service

    private static let secret = "hunter2-secret"
    private static let user = "user-nobody-may-see"

    private static func json(_ service: Service) throws -> [JSON] {
        try service.errorText.split(separator: "\n").map { try JSON(parsing: Array($0.utf8)) }
    }

    @Test("stderr is no terminal: every line is JSON")
    func service() async throws {
        try await ServiceHost.run { host in
            let service = try await host.serve("--redis-url", ServiceHost.freshRedis())
            service.signal(SIGHUP)
            try await service.waitForLog("SIGHUP")
            #expect(try await service.stop() == 0)
            let lines = try Self.json(service)
            #expect(lines.count >= 3)
            #expect(lines.allSatisfy { $0.keys.isSuperset(of: ["time", "level", "message"]) })
            #expect(lines.contains { $0["level"] == "warning" })
        }
    }

    @Test("text and a level can be asked for")
    func text() async throws {
        try await ServiceHost.run { host in
            let service = try await host.serve(
                "--redis-url", ServiceHost.freshRedis(), "--log-format", "text", environment: ["TOKEN_BUDGET_LOG_LEVEL": "error"])
            // The warning that there is no policy comes before readiness.
            #expect(service.errorText.isEmpty)
            let loud = try await host.serve(
                "--redis-url", ServiceHost.freshRedis(), environment: ["TOKEN_BUDGET_LOG_FORMAT": "text"])
            try await loud.waitForLog("warning token-budget")
            for flags in [["--log-format", "xml"], ["--log-level", "loud"]] {
                let refused = try host.start(["serve"] + flags)
                try await refused.waitForExit()
                #expect(refused.exitCode == 2)
                #expect(refused.errorText.contains(flags[0]))
            }
        }
    }

    @Test("no password, key or user gets into logs, at any level")
    func secrets() async throws {
        try await ServiceHost.run { host in
            let key = "- {key_sha256: 2924a27d7fc715372a952b03583ae5f1221556bcdabbf2a57ff5de577efe11c1, role: app}\n"
            let keys = try host.file("keys.yaml", key)
            // Nobody listens on that port: the service says so, again and again.
            let service = try host.start(
                ["serve", "--listen", "127.0.0.1:0", "--control-listen", "127.0.0.1:0", "--keys", keys]
                    + ["--log-level", "trace"],
                environment: ["TOKEN_BUDGET_REDIS_URL": "redis://\(Self.secret):\(Self.secret)@127.0.0.1:1/0"])
            try await service.waitForLog("no connection to Redis")
            try await service.waitUntilReady()
            let body: JSON = ["user": .string(Self.user), "model": "m", "input_tokens": 1, "max_output_tokens": 0]
            for authorization in ["Bearer app-key", "Bearer \(Self.secret)"] {
                _ = try await service.post("/v1/reserve", body, "authorization: \(authorization)", "x-request-id: \(Self.user)")
            }
            _ = try await service.get("/v1/users/\(Self.user)")
            _ = try await service.control("/v1/users/\(Self.user)?key=\(Self.secret)")
            _ = try host.file("keys.yaml", key + "- {\(Self.secret): '")
            try await service.waitForLog("keys not changed")
            #expect(try await service.stop() == 0)
            for word in [Self.secret, Self.user, "app-key"] { #expect(!service.errorText.contains(word), "\(service.errorText)") }
        }
    }
}
