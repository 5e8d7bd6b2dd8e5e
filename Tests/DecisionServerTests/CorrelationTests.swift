import BudgetHTTP
import BudgetModel
import NIOCore
import TestSupport
import Testing

@testable import DecisionServer

/// X-Request-Id and traceparent: finding a call again.
@Suite("Request ids and traces", .timeLimit(.minutes(1)))
struct CorrelationTests {
    private static let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

    // MARK: Request id

    @Test("a valid request id comes back, whatever the answer")
    func echoed() async throws {
        try await Listener.run { listener in
            let longest = String(repeating: "x", count: 128)
            for id in ["a", "5f3a:1/2\"\\~", longest] {
                let decision = try await listener.post("/v1/reserve", Example.reserve, "X-Request-ID: \(id)")
                #expect(decision.status == 200)
                #expect(decision["x-request-id"] == id)
                #expect(decision.json["request_id"] == nil)
                let problem = try await listener.post("/v1/reserve", ["user": "u"], "x-request-id: \(id)")
                #expect(problem.status == 400)
                #expect(problem["x-request-id"] == id)
                #expect(problem.json["request_id"]?.text == id)
            }
            #expect(try await listener.get("/livez", "x-request-id: h")["x-request-id"] == "h")
        }
    }

    @Test("a decision without a request id gets none: it would be bytes for nothing")
    func noneOnDecisions() async throws {
        try await Listener.run { listener in
            let answer = try await listener.post("/v1/reserve", Example.reserve)
            #expect(answer.status == 200)
            #expect(answer["x-request-id"] == nil)
        }
    }

    static let invalidIDs = ["", "with space", "caf\u{E9}", "tab\there", String(repeating: "x", count: 129)]

    @Test("an invalid request id is taken for none and fails nothing", arguments: invalidIDs)
    func invalid(_ id: String) async throws {
        try await Listener.run { listener in
            let decision = try await listener.post("/v1/reserve", Example.reserve, "x-request-id: \(id)")
            #expect(decision.status == 200)
            #expect(decision["x-request-id"] == nil)
        }
    }

    @Test("every error has a request id of its own, in field and body")
    func madeForErrors() async throws {
        try await Listener.run { listener in
            let wanted: [(String, String, Int)] = [("GET", "/nothing", 404), ("GET", "/v1/reserve", 405), ("POST", "/v1/commit", 415)]
            var ids: Set<String> = []
            for (method, path, status) in wanted {
                let answer = try await listener.send(method, path, [], nil)
                #expect(answer.status == status)
                #expect(answer["x-request-id"] != nil)
                #expect(answer.json["request_id"]?.text == answer["x-request-id"])
                ids.insert(answer["x-request-id"] ?? "")
            }
            #expect(ids.count == wanted.count)
        }
    }

    @Test("bytes that are no HTTP are refused with a request id")
    func garbage() async throws {
        try await Listener.run { listener in
            let answer = try await listener.wire { wire in
                try await wire.send("nonsense\r\n\r\n")
                return try await wire.answer()
            }
            #expect(answer.status == 400)
            #expect(answer.json["request_id"]?.text == answer["x-request-id"])
        }
    }

    @Test("requests of one connection keep their own ids")
    func pipelined() async throws {
        try await Listener.run { listener in
            let requests =
                Listener.request("GET", "/livez", ["x-request-id: first", "traceparent: \(Self.trace)"])
                + Listener.request("GET", "/livez") + Listener.request("GET", "/livez", ["x-request-id: third"])
            let answers = try await listener.wire { wire in
                try await wire.send(requests)
                return [try await wire.answer(), try await wire.answer(), try await wire.answer()]
            }
            #expect(answers.map { $0["x-request-id"] } == ["first", nil, "third"])
            #expect(answers.map { $0["traceparent"] } == [Self.trace, nil, nil])
        }
    }

    // MARK: Trace

    @Test("a trace comes back, whatever the answer")
    func traced() async throws {
        try await Listener.run { listener in
            let decision = try await listener.post("/v1/reserve", Example.reserve, "Traceparent: \(Self.trace)")
            #expect(decision["traceparent"] == Self.trace)
            let problem = try await listener.get("/nothing", "traceparent: \(Self.trace)")
            #expect(problem["traceparent"] == Self.trace)
        }
    }

    static let invalidTraces = [
        "", "00", trace.uppercased(), trace + "-", trace + "-more", String(trace.dropLast()), trace.replacing("00-4", with: "ff-4"),
        trace.replacing("-", with: "_"), "00-\(String(repeating: "0", count: 32))-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-\(String(repeating: "0", count: 16))-01", trace.replacing("4bf9", with: "4bg9"),
        "0" + trace.dropFirst(2) + "1",
    ]

    @Test("a trace that cannot be read is ignored", arguments: invalidTraces)
    func untraced(_ field: String) async throws {
        #expect(TraceContext(field) == nil)
        try await Listener.run { listener in
            let answer = try await listener.post("/v1/reserve", Example.reserve, "traceparent: \(field)")
            #expect(answer.status == 200)
            #expect(answer["traceparent"] == nil)
        }
    }

    @Test("of two traces neither counts")
    func twoTraces() async throws {
        try await Listener.run { listener in
            let answer = try await listener.get("/livez", "traceparent: \(Self.trace)", "traceparent: \(Self.trace)")
            #expect(answer["traceparent"] == nil)
        }
    }

    @Test("of a later version the part that is known counts")
    func laterVersion() {
        let later = Self.trace.replacing("00-4", with: "fe-4")
        for field in [later, later + "-more"] { #expect(TraceContext(field)?.description == Self.trace) }
        #expect(TraceContext(later + "more") == nil)
        #expect(TraceContext(Self.trace)?.id.description == "4bf92f3577b34da6a3ce929d0e0e4736")
    }

    @Test("the store is told the trace of what it decides and books")
    func passedOn() throws {
        let trace = try #require(TraceContext(Self.trace)).id
        func call(_ body: JSON) -> Call { Call(body: ByteBuffer(bytes: body.bytes), traceID: trace) }
        #expect(try ReserveBody.read(call(Example.reserve)).traceID == trace)
        #expect(try CommitBody.read(call(["reservation_id": "r"])).traceID == trace)
        let record: JSON = ["user": "u", "component": "search", "cost_usd": 1, "idempotency_key": "k"]
        #expect(try RecordBody.read(call(record)).traceID == trace)
    }

    @Test("a retry in another trace is the same request")
    func retry() async throws {
        try await Listener.run { listener in
            let body = Example.reserve.with(["idempotency_key": "k"])
            let first = try await listener.reserve(body, "traceparent: \(Self.trace)")
            let again = try await listener.reserve(body, "traceparent: \(Self.trace.replacing("4bf9", with: "4bf8"))")
            #expect(first == again)
        }
    }
}
