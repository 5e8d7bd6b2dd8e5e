import ArgumentParser
import BudgetModel
import Foundation
import UsageLedger

/// How quickly does the ledger book, and how quickly does it answer? Books events of a service with many users, then asks the
/// standard reports, and checks each sum against what was booked. Build it with `-c release`; a debug build says nothing.
@main struct LedgerBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "budget-ledger", abstract: "Books events into a ledger of its own and times its reports.")

    @Option(help: "Events to book.") var events = 1_000_000
    @Option(help: "Events in one transaction.") var batch = 1_000
    @Option(help: "Users with traffic on a day.") var users = 10_000
    @Option(help: "Days over which the events are spread.") var days = 30
    @Option(help: "postgres://... or sqlite:///path; a file in a temporary directory when left out.") var ledger: String?

    func run() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "budget-ledger-\(UUID().uuidString.prefix(8))")
        defer { try? FileManager.default.removeItem(at: folder) }
        let location = try ledger.map { try LedgerLocation(url: $0) } ?? .file(folder.appending(path: "ledger.sqlite").path)
        let store = try await LedgerStore.open(location)
        var traffic = Traffic(users: users, days: days, events: events)
        try await book(&traffic, store)
        try await ask(store, traffic)
        try await store.close()
        print("memory at most    \(memory() / 1_024) MiB")
        if ledger == nil { print("disk              \(size(of: folder) >> 20) MiB") }
    }

    private func book(_ traffic: inout Traffic, _ store: LedgerStore) async throws {
        let clock = ContinuousClock()
        var spent = Duration.zero
        var booked = 0
        while booked < events {
            let batch = traffic.next(min(batch, events - booked))
            spent += try await clock.measure { _ = try await store.book(batch) }
            booked += batch.count
        }
        print("booked            \(booked) events, \(Int(Double(booked) / seconds(spent))) a second, \(batch) a transaction")
    }

    private func ask(_ store: LedgerStore, _ traffic: Traffic) async throws {
        let (from, to) = (traffic.from, traffic.to)
        try await time("total", traffic.total) { try await cost(store, UsageQuery(from: from, to: to)) }
        try await time("daily by model", traffic.total) {
            var query = UsageQuery(from: from, to: to)
            try query.group(by: "day,model")
            return try await cost(store, query)
        }
        try await time("monthly, all dims", traffic.total) {
            var query = UsageQuery(from: from, to: to)
            try query.group(by: "month,model,feature,tier,team,plan")
            return try await cost(store, query)
        }
        try await time("daily, Kathmandu", traffic.total) {
            var query = UsageQuery(from: from, to: to)
            try query.group(by: "day,model")
            query.zone = LedgerZone("Asia/Kathmandu")
            return try await cost(store, query)
        }
        try await time("per feature", traffic.total) {
            try await store.costPerFeature(from: from, to: to).reduce(0) { $0 + $1.cost }
        }
        try await time("top 20 users") { _ = try await store.topUsers(from: from, to: to) }
        try await time("top 20 free users") { _ = try await store.topUsers(from: from, to: to, tier: "free") }
        try await time("every user", traffic.total) {
            var query = UsageQuery(from: from, to: to)
            try query.group(by: "user")
            return try await cost(store, query)
        }
        try await time("one user by day") {
            var query = UsageQuery(from: from, to: to)
            try query.group(by: "day,feature")
            query.filters = [.dimension(.user): ["user-7"]]
            _ = try await cost(store, query)
        }
        try await time("margins") { _ = try await store.margins(from: from, to: to, revenue: ["basic": 999_000_000]) }
        try await time("statement") {
            let month = CivilDate(dayNumber: Int(from / 86_400_000))
            _ = try await store.statement(by: .team, year: month.year, month: month.month, now: to).html
        }
    }

    private func cost(_ store: LedgerStore, _ query: UsageQuery) async throws -> Int64 {
        var sum: Int64 = 0
        for try await row in try await store.usage(query).rows { sum += row.cost }
        return sum
    }

    // MARK: Measuring

    private func time(_ name: String, _ expected: Int64? = nil, _ work: () async throws -> Int64) async throws {
        var sum: Int64 = 0
        let spent = try await ContinuousClock().measure { sum = try await work() }
        let verdict = expected.map { sum == $0 ? "mismatches: 0" : "MISMATCH: \(sum) instead of \($0)" } ?? ""
        print("\(name.padding(toLength: 18, withPad: " ", startingAt: 0))\(Int(seconds(spent) * 1_000)) ms  \(verdict)")
        if let expected, sum != expected { throw ExitCode.failure }
    }

    private func time(_ name: String, _ work: () async throws -> Void) async throws {
        try await time(name, nil) {
            try await work()
            return 0
        }
    }

    private func seconds(_ duration: Duration) -> Double {
        Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
    }

    /// Peak resident set, KiB, as Linux counts it.
    private func memory() -> Int {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") } ?? ""
        return Int(line.filter(\.isNumber)) ?? 0
    }

    private func size(of folder: URL) -> Int {
        let files = (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: [.fileSizeKey])) ?? []
        return files.reduce(0) { $0 + ((try? $1.resourceValues(forKeys: [.fileSizeKey]).fileSize) ?? 0) }
    }
}
