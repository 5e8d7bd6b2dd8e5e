import Foundation
import Synchronization

/// One redis-server for a whole test run: own temporary directory, unix socket, no TCP port. Tests take a database each.
package final class RedisServer: Sendable {
    package static let shared = RedisServer()
    package let socket: String
    private let directory: URL
    private let nextDatabase = Atomic(1)
    private let process: Process
    private let leash: Pipe
    private static let databases = 4_096

    private init() {
        directory = FileManager.default.temporaryDirectory.appending(path: "tb-\(UUID().uuidString.prefix(8))")
        try! FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        socket = directory.appending(path: "r.sock").path
        process = Process()
        leash = Pipe()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        // The shell ends redis-server when this process lets go of the pipe, however this process ends.
        process.arguments = [
            "-c",
            "redis-server --port 0 --unixsocket \(socket) --save '' --appendonly no --databases \(Self.databases) "
                + "--dir \(directory.path) >\(directory.path)/log 2>&1 & p=$!; read x; kill -9 $p; rm -rf \(directory.path)",
        ]
        process.standardInput = leash
        try! process.run()
        let deadline = Date() + 10
        while !FileManager.default.fileExists(atPath: socket) {
            precondition(Date() < deadline, "redis-server does not start; is it installed? (deploy/test.sh installs it)")
            usleep(2_000)
        }
    }

    /// A database nobody else in this run uses.
    package func database() -> Int {
        let number = nextDatabase.add(1, ordering: .relaxed).oldValue
        precondition(number < Self.databases, "the run uses more databases than redis-server has")
        return number
    }
}
