import BudgetModel
import Foundation
import Logging
import Synchronization

/// How logs are written to stderr.
enum LogFormat: String, CaseIterable {
    case json, text

    /// People read terminals; everything else is read by programs.
    static var usual: LogFormat { isatty(STDERR_FILENO) == 1 ? .text : .json }

    func logger(_ label: String, _ level: Logger.Level) -> Logger {
        var logger = Logger(label: label) { label in
            switch self {
            case .json: JSONLogHandler { StandardError.write($0) }
            case .text: StreamLogHandler.standardError(label: label)
            }
        }
        logger.logLevel = level
        return logger
    }
}

/// Logs as one JSON object a line: `time` (RFC 3339, UTC), `level`, `message`, then the metadata, in order of its names.
struct JSONLogHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?
    var logLevel: Logger.Level = .info
    private let write: @Sendable ([UInt8]) -> Void
    /// Fields of every line: metadata of the same name goes under `meta_` and its name.
    private static let own: Set = ["time", "level", "message"]

    /// - Parameter write: takes one line at a time, with the line feed.
    init(write: @escaping @Sendable ([UInt8]) -> Void) { self.write = write }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var fields = metadata
        fields.merge(metadataProvider?.get() ?? [:]) { $1 }
        fields.merge(event.metadata ?? [:]) { $1 }
        if let error = event.error { fields["error"] = "\(error)" }
        let json = JSONText.object(capacity: 256) { json in
            json.key("time")
            json.time(Int64(Date().timeIntervalSince1970 * 1_000), alwaysMilliseconds: true)
            json.text("level", event.level.rawValue)
            json.text("message", "\(event.message)")
            for (name, value) in fields.sorted(by: { $0.key < $1.key }) {
                json.key(Self.own.contains(name) ? "meta_\(name)" : name)
                json.metadata(value)
            }
        }
        write(json + [UInt8(ascii: "\n")])
    }
}

extension JSONText {
    fileprivate mutating func metadata(_ value: Logger.Metadata.Value) {
        switch value {
        case .string(let text): string(text)
        case .stringConvertible(let value): string(value.description)
        case .array(let values): array { json in for value in values { json.metadata(value) } }
        case .dictionary(let fields):
            object { json in
                for (name, value) in fields.sorted(by: { $0.key < $1.key }) {
                    json.key(name)
                    json.metadata(value)
                }
            }
        }
    }
}

/// The process' stderr: one line at a time, whoever writes.
private enum StandardError {
    private static let turn = Mutex(())

    static func write(_ line: [UInt8]) {
        turn.withLock { _ in
            var rest = line[...]
            while !rest.isEmpty {
                let written = rest.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
                if written < 0, errno == EINTR { continue }
                // Nobody reads any more: a log is no reason to stop deciding.
                guard written > 0 else { return }
                rest = rest.dropFirst(written)
            }
        }
    }
}
