import Foundation

/// Tells on stderr how far a run is: one line that changes on a terminal, else a line now and then.
struct ReplayProgress {
    private let task: Task<Void, Never>
    private let isTerminal: Bool

    static func start(_ tally: ReplayTally, of total: Int) -> ReplayProgress {
        let isTerminal = isatty(STDERR_FILENO) == 1
        let pause: Duration = isTerminal ? .milliseconds(200) : .seconds(2)
        let task = Task {
            let started = ContinuousClock.now
            while (try? await Task.sleep(for: pause)) != nil {
                let line = line(await tally.counts, of: total, after: started.duration(to: .now))
                write(isTerminal ? "\r\u{1B}[K" + line : line + "\n")
            }
        }
        return ReplayProgress(task: task, isTerminal: isTerminal)
    }

    /// Clears the line, so that the table starts on a clean one.
    func finish() async {
        task.cancel()
        await task.value
        if isTerminal { Self.write("\r\u{1B}[K") }
    }

    private static func line(_ counts: ReplayCounts, of total: Int, after elapsed: Duration) -> String {
        let rate = Int64(Double(counts.requests) / (elapsed / .seconds(1)))
        let share = 100 * counts.requests / max(total, 1)
        return "replay: \(counts.requests) of \(total) (\(share) %), \(rate)/s, allow \(counts.allowed), "
            + "degrade \(counts.degraded), reject \(counts.rejected), errors \(counts.failed)"
    }

    private static func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}
