import CommandSupport

/// Tells on stderr how far a run is: one line that changes on a terminal, else a line now and then.
struct ReplayProgress {
    private let task: Task<Void, Never>
    private let line: StatusLine

    static func start(_ tally: ReplayTally, of total: Int) -> ReplayProgress {
        let line = StatusLine(always: true)
        let pause: Duration = line.isTerminal ? .milliseconds(200) : .seconds(2)
        let task = Task {
            let started = ContinuousClock.now
            while (try? await Task.sleep(for: pause)) != nil {
                line.show(text(await tally.counts, of: total, after: started.duration(to: .now)))
            }
        }
        return ReplayProgress(task: task, line: line)
    }

    /// Clears the line, so that the table starts on a clean one.
    func finish() async {
        task.cancel()
        await task.value
        line.clear()
    }

    private static func text(_ counts: ReplayCounts, of total: Int, after elapsed: Duration) -> String {
        let rate = Int64(Double(counts.requests) / (elapsed / .seconds(1)))
        let share = 100 * counts.requests / max(total, 1)
        return "replay: \(counts.requests) of \(total) (\(share) %), \(rate)/s, allow \(counts.allowed), "
            + "degrade \(counts.degraded), reject \(counts.rejected), errors \(counts.failed)"
    }
}
