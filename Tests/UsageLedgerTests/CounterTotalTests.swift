import BudgetModel
import Testing
@testable import UsageLedger

/// What an audit compares counters with.
@Suite struct CounterTotalTests {
    private static let daily = CounterKey(name: "daily", identity: "abcdef", isPerUser: true, values: [])
    private static let team = CounterKey(name: "team:usd", identity: "ghijkl", isPerUser: false, values: ["red", "a:b"])

    private static func event(_ sequence: Int64, _ user: Identifier, _ amount: Int64, window: Int64 = 100) -> LedgerEvent {
        var event = LedgerEvent.commit(sequence, user: user)
        event.counters = [
            CounterMovement(counter: daily, user: user, unit: .tokens, windowStart: window, amount: amount),
            CounterMovement(counter: team, user: nil, unit: .usd, windowStart: 0, amount: 7 * amount),
        ]
        return event
    }

    private func totals(_ ledger: TestLedger, user: Identifier? = nil) async throws -> Set<CounterTotal> {
        var totals: Set<CounterTotal> = []
        for try await total in ledger.store.counterTotals(user: user) { totals.insert(total) }
        return totals
    }

    @Test(arguments: Backend.available) func totalsAreTheSumOfMovementsByWindow(_ backend: Backend) async throws {
        let ledger = try await TestLedger(backend)
        let events = [Self.event(1, "a", 10), Self.event(2, "a", -4), Self.event(3, "a", 5, window: 200), Self.event(4, "b", 1)]
        try await ledger.book(events)
        try await ledger.book(events)
        let daily = CounterName(Self.daily, .tokens)
        #expect(
            try await totals(ledger) == [
                CounterTotal(counter: daily, user: "a", windowStart: 100, amount: 6),
                CounterTotal(counter: daily, user: "a", windowStart: 200, amount: 5),
                CounterTotal(counter: daily, user: "b", windowStart: 100, amount: 1),
                CounterTotal(counter: CounterName(Self.team, .usd), user: nil, windowStart: 0, amount: 84),
            ])
        #expect(try await totals(ledger, user: "b").map(\.amount) == [1])
    }

    @Test func aResetCountsInTotalsAndNotInReports() async throws {
        let ledger = try await TestLedger(.sqlite)
        var reset = Self.event(2, "a", -10)
        reset.kind = .reset
        try await ledger.book([Self.event(1, "a", 10), reset])
        #expect(try await totals(ledger).allSatisfy { $0.amount == 0 })
        #expect(try await ledger.total()?.requests == 1)
    }

    @Test func countersWithNamesThatLookAlikeStayApart() {
        let keys = [
            CounterKey(name: "a", identity: "x", isPerUser: true, values: ["b", "c"]),
            CounterKey(name: "a", identity: "x", isPerUser: true, values: ["bc"]),
            CounterKey(name: "a", identity: "x", isPerUser: false, values: ["b", "c"]),
            CounterKey(name: "ax", identity: "", isPerUser: true, values: ["b", "c"]),
        ]
        let names = keys.map { CounterName($0, .usd) }
        #expect(Set(names.map(\.bytes)).count == keys.count)
        for name in names { #expect(CounterName(bytes: name.bytes) == name) }
        #expect(CounterName(bytes: [4, 1, 0]) == nil)
    }
}
