import Foundation
import TestSupport

/// A temporary directory with the services started in it. When it goes, or the test process dies however it dies, nothing of
/// them is left running.
final class ServiceHost: Sendable {
    let directory: URL
    private let leash: Pipe
    private let keeper: Process

    /// Waits for the end of its input; then ends the services whose process ids it has read, and their Redis.
    private static let keeping = """
        pids=; while read pid; do pids="$pids $pid"; done
        for pid in $pids; do case "$(readlink /proc/$pid/exe)" in */token-budget*) kill -9 $pid;; esac; done
        find "$1" -name redis.sock -execdir redis-cli -s redis.sock shutdown nosave \\; >/dev/null 2>&1
        rm -rf "$1"
        """

    /// A directory of its own under the system's temporary one; its name is short, for sockets in it.
    init() throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "tbs-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        leash = Pipe()
        // A service that holds this end would keep the keeper waiting.
        _ = fcntl(leash.fileHandleForWriting.fileDescriptor, F_SETFD, FD_CLOEXEC)
        keeper = Process()
        keeper.executableURL = URL(fileURLWithPath: "/bin/sh")
        keeper.arguments = ["-c", Self.keeping, "sh", directory.path]
        keeper.standardInput = leash
        try keeper.run()
    }

    /// Runs `body` in a host of its own and clears up after it.
    static func run(_ body: (ServiceHost) async throws -> Void) async throws {
        let host = try ServiceHost()
        let result: Result<Void, any Error>
        do { result = .success(try await body(host)) } catch { result = .failure(error) }
        try host.leash.fileHandleForWriting.close()
        while host.keeper.isRunning { try await Task.sleep(for: .milliseconds(5)) }
        try result.get()
    }

    /// Writes a file into the directory and gives its path.
    func file(_ name: String, _ text: String) throws -> String {
        let url = directory.appending(path: name)
        try text.write(to: url, atomically: true, encoding: .utf8)
        return url.path
    }

    func path(_ name: String) -> String { directory.appending(path: name).path }

    /// The URL of a database of the run's redis-server that nobody else uses.
    static func freshRedis() -> String { "unix://\(RedisServer.shared.socket)?db=\(RedisServer.shared.database())" }

    /// Starts the program; does not wait for anything.
    func start(_ arguments: [String], environment: [String: String] = [:]) throws -> Service {
        let service = try Service(arguments, environment, in: directory)
        leash.fileHandleForWriting.write(Data("\(service.processID)\n".utf8))
        return service
    }

    /// Starts `serve` on free ports and waits until it says that it is ready.
    func serve(_ arguments: String..., environment: [String: String] = [:]) async throws -> Service {
        let ports = ["serve", "--listen", "127.0.0.1:0", "--control-listen", "127.0.0.1:0"]
        let service = try start(ports + arguments, environment: environment)
        try await service.waitUntilReady()
        return service
    }

    /// Runs the program to its end.
    func run(_ arguments: String..., environment: [String: String] = [:]) async throws -> Service {
        let service = try start(arguments, environment: environment)
        try await service.waitForExit()
        return service
    }

    /// The process id of the redis-server behind a data directory; nil when none answers.
    func redis(in data: String) async throws -> pid_t? {
        let asker = Process()
        let answer = Pipe()
        asker.executableURL = URL(fileURLWithPath: "/bin/sh")
        asker.arguments = ["-c", #"cd "$1" && redis-cli -s redis.sock info server"#, "sh", data]
        asker.standardOutput = answer
        asker.standardError = FileHandle.nullDevice
        try asker.run()
        let text = String(decoding: answer.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        while asker.isRunning { try await Task.sleep(for: .milliseconds(1)) }
        return text.split(whereSeparator: \.isNewline).first { $0.hasPrefix("process_id:") }.flatMap { pid_t($0.dropFirst(11)) }
    }
}
