import Foundation

/// Reads a trace row by row: memory does not grow with the file.
package final class TraceReader {
    /// Longest line, bytes; beyond it a file is something else than a trace.
    private static let longestLine = 64 << 10
    private static let chunk = 256 << 10

    private let file: String
    private let handle: FileHandle
    private var columns: TraceColumns?
    private let needsTimes: Bool
    private var buffer: ArraySlice<UInt8> = []
    private var isAtEnd = false
    private var line = 0

    package init(_ file: String, needsTimes: Bool) throws(TraceError) {
        guard let handle = FileHandle(forReadingAtPath: file) else {
            throw TraceError(file: file, problem: "cannot be read")
        }
        self.file = file
        self.handle = handle
        self.needsTimes = needsTimes
    }

    deinit { try? handle.close() }

    /// The next request; nil at the end. The first line names the columns, empty lines are skipped.
    package func next() throws(TraceError) -> TraceRow? {
        while let text = try nextLine() {
            guard !text.isEmpty else { continue }
            do throws(TraceColumns.Problem) {
                if let columns { return try columns.row(text) }
                columns = try TraceColumns(header: text, needsTimes: needsTimes)
            } catch {
                throw TraceError(file: file, line: line, problem: error.text)
            }
        }
        guard columns != nil else { throw TraceError(file: file, problem: "is empty") }
        return nil
    }

    /// Without its line end, and without the byte order mark of a first line.
    private func nextLine() throws(TraceError) -> ArraySlice<UInt8>? {
        var searched = 0
        while true {
            if let end = buffer.dropFirst(searched).firstIndex(of: UInt8(ascii: "\n")) {
                defer { buffer = buffer[(end + 1)...] }
                return cleaned(buffer[..<end])
            }
            guard !isAtEnd else {
                guard !buffer.isEmpty else { return nil }
                defer { buffer = [] }
                return cleaned(buffer)
            }
            searched = buffer.count
            guard searched <= Self.longestLine else {
                throw TraceError(file: file, line: line + 1, problem: "is longer than \(Self.longestLine) bytes")
            }
            try fill()
        }
    }

    private func fill() throws(TraceError) {
        do {
            let data = try handle.read(upToCount: Self.chunk) ?? Data()
            isAtEnd = data.isEmpty
            buffer = (Array(buffer) + data)[...]
        } catch {
            throw TraceError(file: file, problem: "cannot be read")
        }
    }

    private func cleaned(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        line += 1
        var text = text
        if text.last == UInt8(ascii: "\r") { text.removeLast() }
        if line == 1, text.starts(with: [0xEF, 0xBB, 0xBF]) { text.removeFirst(3) }
        return text
    }
}

/// What a trace holds, found by reading it once: a mistake in its last line is known before the first request is sent.
package struct TraceSummary: Hashable, Sendable {
    package private(set) var requests = 0
    package private(set) var tokens: Int64 = 0
    /// Nanoseconds on the trace's clock.
    package private(set) var firstArrival: Int64 = 0

    /// - Parameter limit: how many requests to look at.
    package init(_ file: String, needsTimes: Bool, limit: Int) throws(TraceError) {
        let reader = try TraceReader(file, needsTimes: needsTimes)
        while requests < limit, let row = try reader.next() {
            if requests == 0 { firstArrival = row.arrival }
            requests += 1
            let (sum, overflow) = tokens.addingReportingOverflow(row.tokens)
            guard !overflow else { throw TraceError(file: file, problem: "holds more tokens than can be counted") }
            tokens = sum
        }
        guard requests > 0 else { throw TraceError(file: file, problem: "holds no requests") }
    }
}
