@testable import ControlServer
import BudgetHTTP
import BudgetMetrics
import BudgetModel
import BudgetStore
import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore
import Synchronization
import Testing

/// What a call of the control API leaves behind: ids on its answer, and a line in the log if it changes something.
@Suite("Calls of the control API are found again")
struct CallNoteTests {
    private static let keys = """
        - {key_sha256: 2c69bc9111c27110a9b9a7974ba3f8ac0c053c16b23a0738115ee829fbc4d57b, role: ops, name: eva}
        - {key_sha256: 8578df6c579d44d3bf7caeada69ed9cbca30b318a50a0e60216b46760edf5477, role: read}
        """
    private static let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

    private struct Broken: Error {}

    /// Answers one request as a listener would, and gives what was logged.
    private func call(
        _ method: HTTPRequest.Method, _ path: String, _ fields: [(String, String)] = []
    ) async throws -> (response: Response, body: String, log: [LogEvent]) {
        let log = Recorder()
        var logger = Logger(label: "test") { _ in RecordingHandler(recorder: log) }
        logger.logLevel = .trace
        let endpoints = [
            Endpoint(.put, "/v1/users/{user}", .change, body: 10) { call in
                _ = try call.reason()
                return ControlAnswer { $0.text("user", "u") }
            },
            Endpoint(.delete, "/v1/users/{user}", .change, body: 0) { call in
                _ = try call.reason()
                throw BudgetError.unsettled
            },
            Endpoint(.get, "/v1/users/{user}", .read, body: 0) { _ in ControlAnswer { $0.text("user", "u") } },
            Endpoint(.get, "/v1/broken/{user}", .read, body: 0) { _ in throw Broken() },
            Endpoint(.get, "/v1/gone", .read, body: 0) { _ in throw BudgetError.store(.unavailable("secret words")) },
            Endpoint(.post, "/v1/gone", .change, body: 0) { _ in throw BudgetError.store(.timedOut) },
        ]
        let responder = ControlResponder(
            endpoints: endpoints, keys: try AccessKeys(yaml: Self.keys, file: "keys.yaml"), limits: ControlLimits(),
            meters: ListenerMeters(MetricsRegistry()), logger: logger)
        var headers = HTTPFields()
        for (name, value) in fields { headers.append(HTTPField(name: try #require(HTTPField.Name(name)), value: value)) }
        let head = HTTPRequest(method: method, scheme: "http", authority: "a", path: path, headerFields: headers)
        let response = await responder.respond(to: Request(head: head, body: RequestBody(buffer: ByteBuffer())))
        let writer = Collector()
        try await response.body.write(writer)
        return (response, writer.text, log.events)
    }

    private func field(_ response: Response, _ name: String) -> String? { HTTPField.Name(name).flatMap { response.headers[$0] } }

    @Test func everyAnswerHasTheIDThatWasSent() async throws {
        for (method, status) in [(HTTPRequest.Method.put, 200), (.get, 200), (.post, 405)] {
            let call = try await call(method, "/v1/users/u", [("authorization", "Bearer ops-key"), ("x-request-id", "r-1")])
            #expect(call.response.status.code == status)
            #expect(field(call.response, "x-request-id") == "r-1")
        }
    }

    @Test func anIDIsMadeWhereNoneWasSent() async throws {
        let first = try await call(.get, "/v1/users/u", [("authorization", "Bearer read-key")])
        let second = try await call(.get, "/nothing", [("x-request-id", "not valid")])
        let ids = [field(first.response, "x-request-id"), field(second.response, "x-request-id")].compactMap { $0 }
        #expect(Set(ids).count == 2)
        #expect(ids.allSatisfy { $0.wholeMatch(of: /[0-9a-f]{16}/) != nil })
        #expect(second.body.contains("\"request_id\":\"\(ids[1])\""))
    }

    @Test func aTraceComesBack() async throws {
        let call = try await call(.get, "/nothing", [("traceparent", Self.trace)])
        #expect(field(call.response, "traceparent") == Self.trace)
        let other = try await self.call(.get, "/nothing", [("traceparent", "00-0-0-0")])
        #expect(field(other.response, "traceparent") == nil)
    }

    @Test func aChangeIsLoggedWithWhoWhatAndWhyButNotForWhom() async throws {
        let call = try await call(
            .put, "/v1/users/secret-user?reason=incident%207",
            [("authorization", "Bearer ops-key"), ("x-actor", "finn"), ("x-request-id", "r-1"), ("traceparent", Self.trace)])
        let line = try #require(call.log.first)
        #expect(call.log.count == 1)
        #expect(line.level == .notice)
        #expect(
            line.metadata == [
                "method": "PUT", "path": "/v1/users/{user}", "actor": "finn", "key": "eva", "status": "200", "request_id": "r-1",
                "reason": "incident 7", "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
            ])
        #expect(!"\(line)".contains("secret"))
    }

    @Test(arguments: [("Bearer read-key", "403", "key:8578df6c"), ("Bearer nobody", "401", "anonymous")])
    func aRefusedChangeIsLoggedToo(_ authorization: String, _ status: String, _ actor: String) async throws {
        let call = try await call(.put, "/v1/users/u", [("authorization", authorization)])
        #expect(call.log.map { $0.metadata?["status"] } == ["\(status)"])
        #expect(call.log.map { $0.metadata?["actor"] } == ["\(actor)"])
    }

    @Test func aChangeThatFailedIsLoggedWithItsReason() async throws {
        let call = try await call(.delete, "/v1/users/u?reason=over", [("authorization", "Bearer ops-key")])
        #expect(call.log.map { $0.metadata?["status"] } == ["503"] && call.log.map { $0.metadata?["reason"] } == ["over"])
    }

    @Test func aReasonThatIsNoneIsNotLogged() async throws {
        for reason in [String(repeating: "x", count: 501), "a%0Ab", ""] {
            let call = try await call(.put, "/v1/users/u?reason=\(reason)", [("authorization", "Bearer ops-key")])
            #expect(call.log.count == 1 && call.log.allSatisfy { $0.metadata?["reason"] == nil })
        }
    }

    @Test func onlyAChangeThatMissedRedisIsInDoubt() async throws {
        let fields = [("authorization", "Bearer ops-key")]
        let (read, change) = (try await call(.get, "/v1/gone", fields), try await call(.post, "/v1/gone", fields))
        #expect(read.body.contains("Redis did not answer in time; nothing was changed.") && !read.body.contains("secret"))
        #expect(change.body.contains("whether it acted is unknown"))
    }

    @Test func readingIsNotLogged() async throws {
        #expect(try await call(.get, "/v1/users/u", [("authorization", "Bearer read-key")]).log.isEmpty)
        #expect(try await call(.get, "/v1/users/u", []).log.isEmpty)
    }

    @Test func aFailureIsLoggedWithoutTheUser() async throws {
        let call = try await call(.get, "/v1/broken/secret-user", [("authorization", "Bearer read-key")])
        #expect(call.response.status.code == 500)
        let line = try #require(call.log.first)
        #expect(line.level == .error)
        #expect(line.metadata?["path"] == "/v1/broken/{user}")
        #expect(!"\(line)".contains("secret"))
        #expect(call.body.contains("\"request_id\":\"\(field(call.response, "x-request-id") ?? "")\""))
    }
}

/// Keeps what is logged.
private final class Recorder: Sendable {
    private let kept = Mutex<[LogEvent]>([])
    var events: [LogEvent] { kept.withLock { $0 } }
    func keep(_ event: LogEvent) { kept.withLock { $0.append(event) } }
}

private struct RecordingHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .trace
    let recorder: Recorder
    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }
    func log(event: LogEvent) { recorder.keep(event) }
}

/// Takes a response's body as a connection would.
private final class Collector: ResponseBodyWriter {
    private(set) var text = ""
    func write(_ buffer: ByteBuffer) async throws { text += String(buffer: buffer) }
    func finish(_ trailingHeaders: HTTPFields?) async throws {}
}
