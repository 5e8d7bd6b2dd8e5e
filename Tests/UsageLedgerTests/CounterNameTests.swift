import BudgetModel
import Testing
@testable import UsageLedger

/// Names of counters go when nothing counts under them any more.
@Suite struct CounterNameTests {
    private static func key(_ session: Identifier) -> CounterKey {
        CounterKey(name: "run", identity: "abcdef", isPerUser: true, values: [session])
    }

    private static func event(
        _ sequence: Int64, _ user: Identifier, _ session: Identifier, at time: Int64 = Times.noon, window: Int64 = 100
    ) -> LedgerEvent {
        var event = LedgerEvent.commit(sequence, user: user, at: time)
        event.counters = [
            CounterMovement(counter: key(session), user: user, unit: .tokens, windowStart: window, amount: 10)
        ]
        return event
    }

    private func sessions(_ ledger: TestLedger) async throws -> [Identifier: Int64] {
        var sums: [Identifier: Int64] = [:]
        for try await total in ledger.store.counterTotals() { sums[total.counter.key.values[0], default: 0] += total.amount }
        return sums
    }

    private static let later = Times.noon + 401 * Times.day

    @Test(arguments: Backend.available) func thoseOfWindowsLongGoneGo(_ backend: Backend) async throws {
        let ledger = try await TestLedger(backend)
        try await ledger.book([
            Self.event(1, "a", "old"), Self.event(2, "a", "endless", window: 0), Self.event(3, "b", "back"),
            Self.event(4, "b", "back", at: Self.later - Times.day, window: 200),
        ])
        try await ledger.store.prune(now: Self.later)
        #expect(try await ledger.count("counters") == 2)
        #expect(try await sessions(ledger) == ["endless": 10, "back": 10])
    }

    @Test(arguments: Backend.available) func oneThatComesBackIsNobodyElses(_ backend: Backend) async throws {
        let ledger = try await TestLedger(backend)
        let elsewhere = try await ledger.another()
        // Both remember the numbers.
        _ = try await elsewhere.book([Self.event(1, "a", "one"), Self.event(2, "a", "two")])
        _ = try await ledger.store.book([Self.event(3, "a", "one"), Self.event(4, "a", "two")])
        try await ledger.store.prune(now: Self.later)
        #expect(try await ledger.count("counters") == 0)
        _ = try await ledger.store.book([Self.event(5, "a", "three", at: Self.later)])
        _ = try await elsewhere.book([Self.event(6, "a", "two", at: Self.later), Self.event(7, "a", "one", at: Self.later)])
        #expect(try await sessions(ledger) == ["one": 10, "two": 10, "three": 10])
    }

    @Test func manyAreLookedAtInSteps() async throws {
        let ledger = try await TestLedger(.sqlite)
        var events = (1...4_100).map { Self.event(Int64($0), "a", Identifier("s\($0)")) }
        events.append(Self.event(5_000, "a", "kept", at: Self.later, window: 200))
        try await ledger.book(events, size: 1_000)
        // Two steps forget the totals of the first 4,000 sessions and look at the first 4,000 names.
        try await ledger.store.prune(now: Self.later, steps: 2)
        #expect(try await ledger.count("counters") == 101)
        // The last names, and then from the first on again.
        try await ledger.store.prune(now: Self.later, steps: 2)
        #expect(try await ledger.count("counters") == 1)
        #expect(try await sessions(ledger) == ["kept": 10])
    }

    @Test(arguments: Backend.available) func anErasedUsersSessionsGo(_ backend: Backend) async throws {
        let ledger = try await TestLedger(backend)
        try await ledger.book([
            Self.event(1, "eva", "eva's phone"), Self.event(2, "eva", "shared"), Self.event(3, "bob", "shared"),
        ])
        _ = try await ledger.store.pseudonymise("eva")
        try await ledger.store.prune(now: Times.noon)
        #expect(try await sessions(ledger) == ["shared": 10])
        #expect(try await ledger.count("counters") == 1)
    }
}
