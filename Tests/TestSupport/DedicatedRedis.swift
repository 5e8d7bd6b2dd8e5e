package import BudgetStore
import Foundation
import Synchronization

/// A redis-server of one test's own, to be frozen, starved or killed.
package final class DedicatedRedis: Sendable {
    package let address: StoreAddress
    private let directory: URL
    private let process = Mutex<Process?>(nil)

    private let isAppending: Bool

    /// - Parameter isAppending: whether it keeps every write; else only what SAVE leaves.
    package init(isAppending: Bool = true) throws {
        self.isAppending = isAppending
        directory = FileManager.default.temporaryDirectory.appending(path: "tb-own-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        address = StoreAddress(unixSocket: directory.appending(path: "r.sock").path)
        try start()
    }

    deinit {
        stop()
        try? FileManager.default.removeItem(at: directory)
    }

    package func start() throws {
        let socket = directory.appending(path: "r.sock")
        try? FileManager.default.removeItem(at: socket)
        let child = Process()
        child.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        child.arguments = [
            "redis-server", "--port", "0", "--unixsocket", socket.path, "--save", "", "--appendonly", isAppending ? "yes" : "no",
            "--dir", directory.path,
            "--logfile", directory.appending(path: "log").path,
        ]
        try child.run()
        let deadline = Date() + 10
        while !FileManager.default.fileExists(atPath: socket.path) {
            precondition(Date() < deadline, "redis-server does not start")
            usleep(2_000)
        }
        process.withLock { $0 = child }
    }

    package func freeze() { signal(SIGSTOP) }
    package func thaw() { signal(SIGCONT) }

    /// Kills it without warning.
    package func stop() {
        signal(SIGKILL)
        process.withLock {
            $0?.waitUntilExit()
            $0 = nil
        }
    }

    private func signal(_ number: Int32) {
        process.withLock { if let child = $0, child.isRunning { kill(child.processIdentifier, number) } }
    }
}
