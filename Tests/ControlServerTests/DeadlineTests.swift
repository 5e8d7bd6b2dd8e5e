import ControlServer
import NIOCore
import TestSupport
import Testing

/// A connection cannot be kept by sending slowly.
@Suite("Deadlines of the control listener", .timeLimit(.minutes(1)))
struct DeadlineTests {
    private static func limits(_ change: (inout ControlLimits) -> Void) -> ControlListener.Setting {
        var setting = ControlListener.Setting()
        change(&setting.limits)
        return setting
    }

    @Test("a head that does not arrive closes the connection", arguments: ["", "GET /livez HTTP/1.1\r\nhost: local"])
    func head(beginning: String) async throws {
        try await ControlListener.run(Self.limits { $0.firstHead = .milliseconds(50) }) { listener in
            let rest = try await Wire.open(port: listener.client.port) { wire in
                try await wire.send(beginning)
                return await wire.rest()
            }
            #expect(rest.isEmpty)
        }
    }

    @Test("a body that does not arrive is answered 408, and the connection closes", arguments: [false, true])
    func body(withExcuse: Bool) async throws {
        try await ControlListener.run(Self.limits { $0.bodyDeadline = .milliseconds(50) }) { listener in
            let (answer, rest) = try await Wire.open(port: listener.client.port) { wire in
                try await wire.send("PUT /v1/users/u HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n")
                try await wire.send("x-request-id: r-1\r\ncontent-length: 10\r\n\r\n" + (withExcuse ? "{" : ""))
                return (try await wire.answer(), await wire.rest())
            }
            #expect(answer.status == 408 && answer.code == "request_timeout" && answer["connection"] == "close")
            #expect(answer["x-request-id"] == "r-1" && rest.isEmpty)
        }
    }

    @Test("what was refused before its body came closes when that never comes")
    func refusedBeforeItsBody() async throws {
        try await ControlListener.run(Self.limits { $0.bodyDeadline = .milliseconds(50) }) { listener in
            let (answer, rest) = try await Wire.open(port: listener.client.port) { wire in
                try await wire.send("PUT /v1/nothing HTTP/1.1\r\nhost: localhost\r\ncontent-length: 10\r\n\r\n")
                return (try await wire.answer(), await wire.rest())
            }
            #expect(answer.status == 404 && rest.isEmpty)
        }
    }

    @Test("one address has no more connections than its share, and gets another when one ends")
    func peers() async throws {
        try await ControlListener.run(Self.limits { $0.connectionsPerPeer = 1 }) { listener in
            let port = listener.client.port
            let (statuses, other) = try await Wire.open(port: port) { wire in
                try await wire.send(WireClient.request("GET", "/livez"))
                var statuses = [try await wire.answer().status]
                let other = try await Wire.open(port: port) { await $0.rest() }
                try await wire.send(WireClient.request("GET", "/livez"))
                statuses.append(try await wire.answer().status)
                return (statuses, other)
            }
            #expect(statuses == [200, 200] && other.isEmpty)
            try await eventually("an answer") { (try? await listener.get("/livez").status) == 200 }
        }
    }

    @Test("a connection serves one request after the other")
    func keptAlive() async throws {
        try await ControlListener.run { listener in
            let statuses = try await Wire.open(port: listener.client.port) { wire in
                var statuses: [Int] = []
                for _ in 0..<3 {
                    try await wire.send(WireClient.request("PUT", "/v1/users/u", ["content-type: application/json"], Array("{}".utf8)))
                    statuses.append(try await wire.answer().status)
                }
                return statuses
            }
            #expect(statuses == [200, 200, 200])
        }
    }
}
