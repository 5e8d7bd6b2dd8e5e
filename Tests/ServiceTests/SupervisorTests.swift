import Foundation
import TestSupport
import Testing

@testable import token_budget

/// What systemd is told, over a real datagram socket.
@Suite("Supervisor", .timeLimit(.minutes(1)))
struct SupervisorTests {
    /// systemd's end of the socket.
    private final class Inbox {
        private let descriptor: Int32

        /// - Parameter name: a path, or an abstract name after `@`.
        init(_ name: String) throws {
            descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            var path = Array(name.utf8)
            if path[0] == UInt8(ascii: "@") { path[0] = 0 }
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
            let length = socklen_t(MemoryLayout<sa_family_t>.size + path.count)
            let bound = withUnsafePointer(to: address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
            }
            guard bound == 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
        }

        deinit { close(descriptor) }

        /// The next message's lines.
        func next() async throws -> [String] {
            let deadline = ContinuousClock.now + .seconds(20)
            var buffer = [UInt8](repeating: 0, count: 4_096)
            while true {
                let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
                if count >= 0 { return String(decoding: buffer[..<count], as: UTF8.self).split(separator: "\n").map { String($0) } }
                guard ContinuousClock.now < deadline else { throw POSIXError(.ETIMEDOUT) }
                try await Task.sleep(for: .milliseconds(5))
            }
        }
    }

    private static let names = ["notify.sock", "@token-budget-test"]

    @Test("ready, reloading, ready, stopping", arguments: names)
    func life(_ name: String) async throws {
        try await ServiceHost.run { host in
            let address = name.hasPrefix("@") ? "\(name)-\(UUID().uuidString)" : host.path(name)
            let inbox = try Inbox(address)
            let before = Self.monotonicMicroseconds()
            let service = try await host.serve("--redis-url", ServiceHost.freshRedis(), environment: ["NOTIFY_SOCKET": address])
            let ready = try await inbox.next()
            #expect(ready.first == "READY=1")
            #expect(ready.dropFirst().first?.hasPrefix("STATUS=decisions on http://127.0.0.1:\(service.port)") == true)
            service.signal(SIGHUP)
            let reloading = try await inbox.next()
            #expect(reloading.first == "RELOADING=1")
            let time = reloading.last.flatMap { Int64($0.replacing("MONOTONIC_USEC=", with: "")) }
            #expect(time.map { (before...Self.monotonicMicroseconds()).contains($0) } == true)
            #expect(try await inbox.next() == ready)
            service.signal(SIGTERM)
            #expect(try await inbox.next().first == "STOPPING=1")
            try await service.waitForExit()
            #expect(service.exitCode == 0)
        }
    }

    private static func monotonicMicroseconds() -> Int64 {
        Int64(ProcessInfo.processInfo.systemUptime * 1_000_000)
    }

    @Test("a watchdog hears from the service again and again")
    func watchdog() async throws {
        try await ServiceHost.run { host in
            let inbox = try Inbox(host.path("notify.sock"))
            let service = try await host.serve(
                "--redis-url", ServiceHost.freshRedis(),
                environment: ["NOTIFY_SOCKET": host.path("notify.sock"), "WATCHDOG_USEC": "20000"])
            var messages: [[String]] = []
            while messages.count < 5 { messages.append(try await inbox.next()) }
            #expect(messages.filter { $0 == ["WATCHDOG=1"] }.count >= 3)
            #expect(service.isRunning)
        }
    }

    @Test("a socket that nobody listens on stops nothing")
    func noListener() async throws {
        try await ServiceHost.run { host in
            let address = host.path("nobody.sock")
            let service = try await host.serve("--redis-url", ServiceHost.freshRedis(), environment: ["NOTIFY_SOCKET": address])
            #expect(try await service.get("/livez").status == 200)
        }
    }

    @Test("what is no address of a socket is not tried", arguments: ["", "@", "relative", "/" + String(repeating: "x", count: 200)])
    func noSocket(_ address: String) {
        #expect(Supervisor(["NOTIFY_SOCKET": address], processID: 1) == nil)
    }

    @Test("the watchdog is another process' affair when it says so")
    func otherProcess() throws {
        let own = ["NOTIFY_SOCKET": "/s", "WATCHDOG_USEC": "2000000", "WATCHDOG_PID": "7"]
        #expect(Supervisor(own, processID: 7)?.watchdogInterval == .seconds(1))
        #expect(Supervisor(own, processID: 8)?.watchdogInterval == nil)
        #expect(Supervisor(["NOTIFY_SOCKET": "/s"], processID: 7)?.watchdogInterval == nil)
        #expect(Supervisor(["WATCHDOG_USEC": "2000000"], processID: 7) == nil)
    }
}
