import CommandSupport

/// Says on stderr, if that is a terminal, that something goes on.
enum Progress {
    static func during<Result>(_ what: String, _ work: () async throws -> Result) async throws -> Result {
        let line = StatusLine(always: false)
        guard line.isTerminal else { return try await work() }
        let started = ContinuousClock.now
        let ticker = Task {
            repeat {
                line.show("\(what) ... \(started.duration(to: .now).components.seconds) s")
            } while (try? await Task.sleep(for: .milliseconds(500))) != nil
        }
        let result: Swift.Result<Result, any Error>
        do { result = .success(try await work()) } catch { result = .failure(error) }
        ticker.cancel()
        await ticker.value
        line.clear()
        return try result.get()
    }
}
