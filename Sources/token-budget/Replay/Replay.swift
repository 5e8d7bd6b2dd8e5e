import BudgetClient
import CommandSupport
import Foundation
import UnixSignals

/// One run of a trace against a running service.
struct Replay {
    private let settings: ReplaySettings
    private let client: BudgetClient
    private let summary: TraceSummary
    private let feed: ReplayFeed
    private let tally: ReplayTally
    private let clock = ContinuousClock()
    /// How soon a waiting request notices that the run was stopped.
    private static let nap: Duration = .milliseconds(100)

    /// - Throws: `TraceError` when the trace has a mistake anywhere: nothing has been sent then.
    init(_ settings: ReplaySettings, _ client: BudgetClient) throws {
        self.settings = settings
        self.client = client
        summary = try TraceSummary(settings.file, needsTimes: settings.pace.needsTimes, limit: settings.limit)
        feed = try ReplayFeed(settings)
        tally = ReplayTally(settings, users: min(settings.users, summary.requests))
    }

    /// Sends the trace, or what there is until Ctrl-C; then compares the service's counters with what was sent.
    /// - Throws: when the counters cannot be read before the run.
    func run() async throws -> ReplayReport {
        let watch = await stopOnSignal()
        defer { watch.cancel() }
        let before = await readUsers()
        for case .failure(let error) in before { throw error }
        let started = clock.now
        let progress = ReplayProgress.start(tally, of: summary.requests)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<settings.concurrency { group.addTask { await work(since: started) } }
        }
        let elapsed = started.duration(to: clock.now)
        await progress.finish()
        if let failure = await feed.failure { await tally.failed("\(failure)") }
        return await report(elapsed, before: before, after: readUsers())
    }

    /// The first Ctrl-C (or SIGTERM) lets what is under way finish and shows the table so far; a second one ends at once.
    private func stopOnSignal() async -> Task<Void, Never> {
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        return Task {
            for await signal in signals {
                if await feed.isStopped { exit(signal == .sigterm ? 143 : 130) }
                await feed.stop()
            }
        }
    }

    // MARK: Requests

    private func work(since started: ContinuousClock.Instant) async {
        while let item = await feed.next() {
            let due = due(item.row, started)
            guard await wait(until: due) else { return }
            let behind = settings.pace == .unlimited ? .zero : due.duration(to: clock.now)
            await tally.sends(behind: behind)
            await play(item.row, for: item.number % settings.users)
        }
    }

    private func due(_ row: TraceRow, _ started: ContinuousClock.Instant) -> ContinuousClock.Instant {
        guard case .factor(let factor) = settings.pace else { return started }
        return started + .nanoseconds(Double(row.arrival - summary.firstArrival) / factor)
    }

    /// false when the run was stopped meanwhile.
    private func wait(until due: ContinuousClock.Instant) async -> Bool {
        while clock.now < due {
            guard await !feed.isStopped else { return false }
            try? await clock.sleep(until: min(due, clock.now + Self.nap), tolerance: .zero)
        }
        return true
    }

    private func play(_ row: TraceRow, for user: Int) async {
        var body = ReserveBody(user: settings.user(user), model: settings.model, inputTokens: row.inputTokens)
        body.maxOutputTokens = max(row.outputTokens, 1)
        body.attribution.feature = settings.feature
        body.attribution.tier = settings.tier
        do {
            let started = clock.now
            let decision = try await client.reserve(body)
            await tally.decided(decision, for: user, after: started.duration(to: clock.now))
            if !decision.isRejected, let id = decision.reservationID { await settle(id, decision, row, for: user) }
        } catch {
            await tally.failed(.reserve, for: user, error)
        }
    }

    private func settle(_ id: String, _ decision: DecisionReply, _ row: TraceRow, for user: Int) async {
        let usage = UsageBody(inputTokens: row.inputTokens, outputTokens: row.outputTokens)
        do {
            let started = clock.now
            let settlement = try await client.post(.commit, CommitBody(id, usage: usage), as: SettlementReply.self)
            await tally.settled(settlement, of: decision, row, for: user, after: started.duration(to: clock.now))
        } catch {
            await tally.failed(.commit, for: user, error)
        }
    }

    // MARK: Counters

    /// What the service shows for every user of the run, in their order.
    private func readUsers() async -> [Result<UserReply, any Error>] {
        let count = min(settings.users, summary.requests)
        let workers = min(settings.concurrency, count)
        return await withTaskGroup(of: [(Int, Result<UserReply, any Error>)].self) { group in
            for worker in 0..<workers {
                group.addTask {
                    var replies: [(Int, Result<UserReply, any Error>)] = []
                    for user in stride(from: worker, to: count, by: workers) { replies.append((user, await read(user))) }
                    return replies
                }
            }
            return await group.reduce(into: []) { $0 += $1 }.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    private func read(_ user: Int) async -> Result<UserReply, any Error> {
        do {
            return .success(try await client.user(settings.user(user)))
        } catch {
            return .failure(error)
        }
    }

    private func report(
        _ elapsed: Duration, before: [Result<UserReply, any Error>], after: [Result<UserReply, any Error>]
    ) async -> ReplayReport {
        var audit = CounterAudit()
        var unknown: [ReplayReport.Unknown] = []
        let books = await tally.users
        for (number, (before, after)) in zip(before, after).enumerated() {
            let user = settings.user(number)
            if let reason = books[number].unknown {
                unknown.append(.init(user: user, reason: reason))
            } else if case (.success(let before), .success(let after)) = (before, after) {
                audit.add(user, books[number], before: before, after: after)
            } else {
                await tally.failed("user not read after the run")
                unknown.append(.init(user: user, reason: "not read after the run"))
            }
        }
        return await ReplayReport(
            settings, summary, tally.counts, elapsed, audit, unknown, of: tally.mismatches, wasStopped: feed.isStopped)
    }
}
