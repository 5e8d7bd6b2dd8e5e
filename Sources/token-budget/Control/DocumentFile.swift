import ArgumentParser
import BudgetClient
import Foundation

/// A document of ops on its way to the service.
struct DocumentFile {
    /// As messages name it.
    let name: String
    let bytes: Data
    let form: MediaType

    struct Unreadable: Error, CustomStringConvertible {
        let description: String
    }

    /// The service takes no larger ones; this only keeps a mistaken path from being read whole.
    static let largest = 16 << 20

    /// - Parameter path: a file, JSON if its name ends so and YAML otherwise; `-` is standard input, read as YAML, which JSON is too.
    static func read(_ path: String) throws -> DocumentFile {
        let handle = path == "-" ? FileHandle.standardInput : FileHandle(forReadingAtPath: path)
        let name = path == "-" ? "standard input" : path
        guard let handle, let bytes = try? read(handle) else { throw Unreadable(description: "\(name): cannot be read") }
        guard bytes.count <= largest else { throw Unreadable(description: "\(name): is larger than \(largest >> 20) MiB") }
        return DocumentFile(name: name, bytes: bytes, form: path.lowercased().hasSuffix(".json") ? .json : .yaml)
    }

    /// One read of a pipe gives only what is in it just then.
    private static func read(_ handle: FileHandle) throws -> Data {
        var bytes = Data()
        while bytes.count <= largest, let more = try handle.read(upToCount: 1 << 20), !more.isEmpty { bytes += more }
        return bytes
    }

    /// Makes the service's word on a place in the document one that editors find: `policy.yaml:5:29: ...`.
    func locating<Result>(_ send: () async throws -> Result) async throws -> Result {
        do {
            return try await send()
        } catch let problem as BudgetProblem {
            guard let line = problem.line else { throw problem }
            let place = [name, String(line), problem.column.map(String.init)].compactMap { $0 }.joined(separator: ":")
            throw Refused(description: "\(place): \(problem.detail ?? problem.title)")
        }
    }

    struct Refused: Error, CustomStringConvertible {
        let description: String
    }
}
