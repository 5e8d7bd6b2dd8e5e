import Foundation
import Synchronization

/// One PostgreSQL for a whole test run: own temporary directory, unix socket, no TCP port. Tests take a database each.
final class PostgresServer: Sendable {
    static let shared = PostgresServer()
    private static let programs = FileManager.default.newest(in: "/usr/lib/postgresql", holding: "bin/initdb")
    static var isInstalled: Bool { programs != nil }

    private let directory: URL
    private let next = Atomic(1)
    private let process = Process()
    private let leash = Pipe()

    private init() {
        // Short, for a unix socket's path; open to the user that PostgreSQL runs as, which must not be root.
        directory = FileManager.default.temporaryDirectory.appending(path: "tb-pg-\(UUID().uuidString.prefix(8))")
        let account = getuid() == 0 ? "setpriv --reuid=postgres --regid=postgres --clear-groups" : "env"
        let (folder, bin) = (directory.path, "\(Self.programs ?? "")/bin")
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        // The shell ends the server when this process lets go of the pipe, however this process ends.
        process.arguments = [
            "-c",
            """
            mkdir \(folder) && if [ $(id -u) = 0 ]; then chown postgres \(folder); fi && cd \(folder) &&
            \(account) \(bin)/initdb -D \(folder)/data -U postgres -A trust -E UTF8 --locale=C.UTF-8 >\(folder)/log 2>&1 &&
            { \(account) \(bin)/postgres -D \(folder)/data -k \(folder) -c listen_addresses= -c fsync=off >>\(folder)/log 2>&1 &
            p=$!; read x; kill -9 $p; sleep 0.2; rm -rf \(folder); }
            """,
        ]
        process.standardInput = leash
        try! process.run()
        let deadline = Date() + 60
        while Self.run("\(bin)/pg_isready", "-q", "-h", folder, "-U", "postgres") != 0 {
            precondition(Date() < deadline, "PostgreSQL does not start; see \(folder)/log")
            usleep(50_000)
        }
    }

    /// The address of a database nobody else in this run uses.
    func database() throws -> String {
        let name = "tb\(next.add(1, ordering: .relaxed).oldValue)"
        let status = Self.run("\(Self.programs ?? "")/bin/createdb", "-h", directory.path, "-U", "postgres", name)
        precondition(status == 0, "createdb fails")
        return "postgres:///\(name)?host=\(directory.path)&user=postgres"
    }

    private static func run(_ words: String...) -> Int32 {
        let child = Process()
        child.executableURL = URL(fileURLWithPath: words[0])
        child.arguments = Array(words.dropFirst())
        child.standardOutput = FileHandle.nullDevice
        child.standardError = FileHandle.nullDevice
        guard (try? child.run()) != nil else { return -1 }
        child.waitUntilExit()
        return child.terminationStatus
    }
}

extension FileManager {
    /// The last folder in `parent`, by number, that has such a file.
    fileprivate func newest(in parent: String, holding file: String) -> String? {
        let names = (try? contentsOfDirectory(atPath: parent)) ?? []
        return names.sorted { (Int($0) ?? 0) < (Int($1) ?? 0) }.map { "\(parent)/\($0)" }
            .last { isExecutableFile(atPath: "\($0)/\(file)") }
    }
}
