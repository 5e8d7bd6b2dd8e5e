import Foundation

/// Prometheus' own checker; `deploy/test.sh` fetches it.
enum Promtool {
    private static let program: URL? = {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        let folders = path.split(separator: ":").map { URL(fileURLWithPath: String($0)) } + [root.appending(path: ".build/tools")]
        return folders.map { $0.appending(path: "promtool") }.first { FileManager.default.isExecutableFile(atPath: $0.path) }
    }()

    static var isThere: Bool { program != nil }

    struct Result {
        var code: Int32
        /// Of stdout and stderr.
        var output: String
    }

    /// Runs it to its end, in a temporary directory that is gone afterwards.
    static func run(_ arguments: [String], input: String = "") async throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appending(path: "tbp-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (source, sink) = (folder.appending(path: "input"), folder.appending(path: "output"))
        try Data(input.utf8).write(to: source)
        try Data().write(to: sink)
        let process = Process()
        process.executableURL = program
        process.arguments = arguments
        process.standardInput = try FileHandle(forReadingFrom: source)
        let output = try FileHandle(forWritingTo: sink)
        process.standardOutput = output
        process.standardError = output
        try process.run()
        while process.isRunning { try await Task.sleep(for: .milliseconds(2)) }
        return Result(code: process.terminationStatus, output: try String(contentsOf: sink, encoding: .utf8))
    }
}
