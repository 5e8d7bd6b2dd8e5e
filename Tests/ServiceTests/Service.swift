import TestSupport
import Foundation

/// One run of the program, with what it has written.
final class Service: Sendable {
    private let child: Child
    private let output: URL
    private let errors: URL

    struct Timeout: Error, CustomStringConvertible {
        let description: String
    }

    /// The program beside this test bundle.
    private static let program: URL = {
        let beside = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let places = [beside, Bundle.main.bundleURL, root.appending(path: ".build/debug")].map { $0.appending(path: "token-budget") }
        guard let found = places.first(where: { FileManager.default.isExecutableFile(atPath: $0.path) }) else {
            preconditionFailure("there is no token-budget beside the tests: \(places)")
        }
        return found
    }()

    fileprivate static let patience: Duration = .seconds(20)

    init(_ arguments: [String], _ environment: [String: String], in directory: URL) throws {
        let name = UUID().uuidString
        output = directory.appending(path: "\(name).out")
        errors = directory.appending(path: "\(name).err")
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        child = try Child(
            Self.program, arguments, environment: ["PATH": path].merging(environment) { $1 }, directory: directory, output: output,
            errors: errors)
    }

    /// Everything on stdout and stderr so far.
    var outputText: String { (try? String(contentsOf: output, encoding: .utf8)) ?? "" }
    var errorText: String { (try? String(contentsOf: errors, encoding: .utf8)) ?? "" }
    var processID: pid_t { child.processID }
    var isRunning: Bool { child.exitCode == nil }
    /// nil while it runs; 128 and a signal's number if that ended it.
    var exitCode: Int32? { child.exitCode }

    /// The ports in the ready line: decisions, then control.
    private var ports: [Int] {
        guard outputText.hasSuffix("\n") else { return [] }
        return outputText.matches(of: /127\.0\.0\.1:(\d+)/).compactMap { Int($0.output.1) }
    }
    var port: Int { ports.first ?? 0 }
    var controlPort: Int { ports.dropFirst().first ?? 0 }

    func waitUntilReady() async throws {
        try await wait("for the ready line") { self.ports.count == 2 || !self.isRunning }
        guard isRunning else { throw Timeout(description: "ended with \(exitCode ?? -1): \(errorText)") }
    }

    func waitForExit() async throws { try await wait("for the end") { !self.isRunning } }

    /// Waits until stderr holds `text`.
    func waitForLog(_ text: String) async throws { try await wait("for \(text)") { self.errorText.contains(text) } }

    private func wait(_ what: String, _ condition: () -> Bool) async throws {
        let deadline = ContinuousClock.now + Self.patience
        while !condition() {
            guard ContinuousClock.now < deadline else { throw Timeout(description: "waited \(what): \(outputText) \(errorText)") }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    func signal(_ number: Int32) { child.signal(number) }

    /// Asks it to end and gives its exit code.
    func stop() async throws -> Int32? {
        signal(SIGTERM)
        try await waitForExit()
        return exitCode
    }

    // MARK: HTTP

    static func request(_ path: String, _ body: JSON? = nil, _ fields: [String] = []) -> [UInt8] {
        let more = fields.map { $0 + "\r\n" }.joined()
        guard let body = body?.bytes else { return Array("GET \(path) HTTP/1.1\r\nhost: a\r\n\(more)\r\n".utf8) }
        let head = "POST \(path) HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: \(body.count)\r\n"
        return Array((head + more + "\r\n").utf8) + body
    }

    func post(_ path: String, _ body: JSON, _ fields: String...) async throws -> Answer {
        try await exchange(port, Self.request(path, body, fields))
    }
    func get(_ path: String) async throws -> Answer { try await exchange(port, Self.request(path)) }
    func control(_ path: String, _ fields: String...) async throws -> Answer {
        try await exchange(controlPort, Self.request(path, nil, fields))
    }

    /// Puts a YAML document.
    func put(_ path: String, yaml: String) async throws -> Answer {
        let head =
            "PUT \(path) HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/yaml\r\ncontent-length: \(yaml.utf8.count)\r\n\r\n"
        return try await exchange(controlPort, Array((head + yaml).utf8))
    }

    private func exchange(_ port: Int, _ request: [UInt8]) async throws -> Answer {
        try await Wire.open(port: port) { wire in
            try await wire.send(request)
            return try await wire.answer()
        }
    }

    /// The allowance `name` of a user.
    func allowance(_ name: String, of user: String) async throws -> JSON? {
        try await get("/v1/users/\(user)").json["allowances"]?.items.first { $0["name"] == .string(name) }
    }
}
