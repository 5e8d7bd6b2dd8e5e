import BudgetStore
import Foundation

/// Tells systemd how the service is, by sd_notify(3): datagrams of `NAME=value` lines to the socket that `NOTIFY_SOCKET`
/// names. Started by anything else there is no such socket, and nobody is told.
struct Supervisor: Sendable {
    private let socket: String
    /// How often to say that the service is alive; nil: nobody asks.
    let watchdogInterval: Duration?

    /// nil when the service does not run under systemd, or not as `Type=notify`.
    init?(_ variables: [String: String] = ProcessInfo.processInfo.environment, processID: Int32 = getpid()) {
        guard let socket = variables["NOTIFY_SOCKET"], socket.hasPrefix("/") || socket.hasPrefix("@"),
            (2..<Self.longestPath).contains(socket.utf8.count)
        else { return nil }
        self.socket = socket
        watchdogInterval = Self.watchdog(variables, processID)
    }

    /// A socket's address has room for so many bytes: `sun_path`.
    private static let longestPath = MemoryLayout.size(ofValue: sockaddr_un().sun_path)

    /// Half of what systemd waits, as sd_watchdog_enabled(3) advises.
    private static func watchdog(_ variables: [String: String], _ processID: Int32) -> Duration? {
        guard let limit = variables["WATCHDOG_USEC"].flatMap({ Int64($0) }), limit > 1 else { return nil }
        if let asked = variables["WATCHDOG_PID"], asked != String(processID) { return nil }
        return .microseconds(limit / 2)
    }

    func ready(_ status: String) { send("READY=1\nSTATUS=\(status)") }
    func stopping(_ status: String) { send("STOPPING=1\nSTATUS=\(status)") }

    /// Says that the service is alive for as long as every event loop answers, until it is cancelled.
    func watch(_ stores: BudgetStores) async throws {
        guard let watchdogInterval else { return }
        while true {
            try await stores.onEach { _ in }
            send("WATCHDOG=1")
            try await Task.sleep(for: watchdogInterval)
        }
    }

    /// Must be followed by ``ready(_:)``. systemd ends a `Type=notify-reload` service that does not say since when.
    func reloading() {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        send("RELOADING=1\nMONOTONIC_USEC=\(Int64(now.tv_sec) * 1_000_000 + Int64(now.tv_nsec) / 1_000)")
    }

    /// A message that does not arrive is no reason to do anything else.
    private func send(_ message: String) {
        let descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var path = Array(socket.utf8)
        // A leading NUL marks Linux' abstract names; text writes it as "@".
        if path[0] == UInt8(ascii: "@") { path[0] = 0 }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + path.count)
        let bytes = Array(message.utf8)
        withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                _ = sendto(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL), pointer, length)
            }
        }
    }
}
