import BudgetClient
import CommandSupport
import Foundation
import NIOCore
import NIOPosix
import UnixSignals

/// A run from its first question to its report.
struct LoadRun {
    let settings: LoadSettings
    let progress: ProgressLine

    /// - Throws: when the service cannot be reached or refuses what the run would ask.
    func run() async throws -> LoadReport {
        try await BudgetClient.with(server: settings.target.url, key: settings.key) { client in
            let ledger = LedgerCheck(settings, client)
            let before = try await ledger.counters(models: [])
            let record = try await send()
            await awaitExpiry(record)
            let findings = await ledger.findings(record, before: before)
            progress.finish()
            return LoadReport(settings, record, findings)
        }
    }

    private func send() async throws -> RunRecord {
        let (updates, feed) = AsyncStream.makeStream(of: Progress.self, bufferingPolicy: .bufferingNewest(8))
        let teller = Task { for await update in updates { progress.show(update) } }
        defer { feed.finish() }
        let record = try await Self.record(settings) { feed.yield($0) }
        feed.finish()
        await teller.value
        return record
    }

    /// Sends the load on an event loop of its own. The first Ctrl-C or SIGTERM ends it early, a second one the program.
    static func record(_ settings: LoadSettings, progress: @escaping @Sendable (Progress) -> Void) async throws -> RunRecord {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = group.next()
        let finished = loop.makePromise(of: RunRecord.self)
        let engine = try await loop.submit {
            let engine = Engine(settings, on: loop, finished: finished, progress: progress)
            engine.run()
            return NIOLoopBound(engine, eventLoop: loop)
        }.get()
        let watch = await stopOnSignal(engine, loop)
        defer { watch.cancel() }
        let result: Result<RunRecord, any Error>
        do { result = .success(try await finished.futureResult.get()) } catch { result = .failure(error) }
        try await group.shutdownGracefully()
        return try result.get()
    }

    private static func stopOnSignal(_ engine: NIOLoopBound<Engine>, _ loop: any EventLoop) async -> Task<Void, Never> {
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        return Task {
            var isStopping = false
            for await signal in signals {
                if isStopping { exit(signal == .sigterm ? 143 : 130) }
                isStopping = true
                loop.execute { engine.value.stop() }
            }
        }
    }

    /// Lost holds must end by themselves: the comparison is worth more after they have.
    private func awaitExpiry(_ record: RunRecord) async {
        guard settings.traffic.awaitsExpiry, !record.wasStopped, let last = record.books.lastEnd else { return }
        let wait = last - ConnectionPool.now
        guard wait > 0 else { return }
        progress.show("waiting \(Words.time(wait)) for the holds of lost requests to end")
        try? await Task.sleep(for: .nanoseconds(wait))
    }
}
