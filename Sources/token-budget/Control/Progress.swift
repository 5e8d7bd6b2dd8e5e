import Foundation

/// Says on stderr, if that is a terminal, that something goes on.
enum Progress {
    static func during<Result>(_ what: String, _ work: () async throws -> Result) async throws -> Result {
        guard isatty(STDERR_FILENO) == 1 else { return try await work() }
        let started = ContinuousClock.now
        let ticker = Task {
            repeat {
                write("\r\u{1B}[K\(TextTable.onOneLine(what)) ... \(started.duration(to: .now).components.seconds) s")
            } while (try? await Task.sleep(for: .milliseconds(500))) != nil
        }
        let result: Swift.Result<Result, any Error>
        do { result = .success(try await work()) } catch { result = .failure(error) }
        ticker.cancel()
        await ticker.value
        write("\r\u{1B}[K")
        return try result.get()
    }

    private static func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}
