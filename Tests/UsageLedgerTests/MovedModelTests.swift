import BudgetModel
import BudgetStore
import TestSupport
import Testing
@testable import UsageLedger

/// A reservation whose checkpoints named one model and whose commit another stands under the last one, whole.
@Suite struct MovedModelTests {
    /// Checkpoints of 100 and 300 tokens on one model, a commit of 250 on another. The second is dearer.
    private static let stream: [LedgerEvent] = {
        let steps: [(LedgerEvent.Kind, Int64, Identifier, Int64)] = [
            (.checkpoint, 100, "gpt-4o-mini", 15), (.checkpoint, 300, "gpt-4o-mini", 45), (.commit, 250, "gpt-4o", 625),
        ]
        var before: (Int64, Int64) = (0, 0)
        return steps.enumerated().map { number, step in
            var event = LedgerEvent.commit(Int64(number), model: step.2, input: step.1, output: 0, cost: step.3)
            event.kind = step.0
            event.reservation = "u:stream"
            event.usage.cachedInputTokens = step.1 / 2
            event.added = Movement(input: step.1 - before.0, cost: step.3 - before.1, requests: number == 0 ? 1 : 0)
            before = (step.1, step.3)
            return event
        }
    }()

    /// Requests, input, cached tokens and microcents by model, of sums and of raw rows.
    private func byModel(
        _ ledger: TestLedger, _ group: UsageGroup = .dimension(.model), at noon: Int64 = Times.noon
    ) async throws -> [[String: [Int64]]] {
        var found: [[String: [Int64]]] = []
        for to in [noon * 2, noon + Times.day / 2, noon + 777] {
            for groups in [[group], [group, .dimension(.user)], [group, .dimension(.session)]] {
                var query = UsageQuery(from: 0, to: to)
                query.groups = groups
                found.append(
                    Dictionary(
                        try await ledger.rows(query).map {
                            ($0.keys[0] ?? "-", [$0.requests, $0.inputTokens, $0.cachedInputTokens, $0.cost])
                        }, uniquingKeysWith: { zip($0, $1).map { $0 + $1 } }))
            }
        }
        return found
    }

    private func expect(_ ledger: TestLedger, _ expected: [String: [Int64]]) async throws {
        for found in try await byModel(ledger) { #expect(found == expected) }
    }

    @Test(arguments: Backend.available) func allOfItGoesOverToTheModelNamedLast(_ backend: Backend) async throws {
        let ledger = try await TestLedger(backend)
        try await ledger.book(Array(Self.stream.prefix(2)))
        try await expect(ledger, ["gpt-4o-mini": [1, 300, 150, 45]])
        #expect(try await ledger.store.book([Self.stream[2]]) == Booked(booked: 1, repeated: 0))
        try await expect(ledger, ["gpt-4o": [1, 250, 125, 625]])
        #expect(try await ledger.count("events") == 4)
        #expect(
            try await ledger.count("events", where: "sequence = -3 AND kind = 'p' AND added_input = -300 AND reservation IS NOT NULL")
                == 1)
    }

    @Test(arguments: Backend.available) func anySuffixThatComesAgainChangesNothing(_ backend: Backend) async throws {
        let ledger = try await TestLedger(backend)
        try await ledger.book(Self.stream)
        for first in 0..<3 {
            #expect(try await ledger.store.book(Array(Self.stream[first...])) == Booked(booked: 0, repeated: 3 - first))
        }
        try await expect(ledger, ["gpt-4o": [1, 250, 125, 625]])
        #expect(try await ledger.store.marks().map(\.sequence) == [2])
    }

    @Test(arguments: [[0, 1, 2], [2, 1, 0], [1, 0, 2], [0, 2, 1], [2, 0, 1], [1, 2, 0]])
    func theOrderOfArrivalDoesNotMatter(_ order: [Int]) async throws {
        let ledger = try await TestLedger(.sqlite)
        for place in order { try await ledger.book([Self.stream[place]]) }
        try await expect(ledger, ["gpt-4o": [1, 250, 125, 625]])
    }

    @Test func aBatchIsAsGoodAsSingleEvents() async throws {
        let ledger = try await TestLedger(.sqlite)
        #expect(try await ledger.store.book(Self.stream + Self.stream) == Booked(booked: 3, repeated: 3))
        try await expect(ledger, ["gpt-4o": [1, 250, 125, 625]])
    }

    @Test func thereAndBackAgain() async throws {
        let ledger = try await TestLedger(.sqlite)
        var back = Self.stream[2]
        back.kind = .checkpoint
        var last = Self.stream[2]
        last.id.sequence = 3
        last.model = "gpt-4o-mini"
        last.usage.inputTokens = 400
        last.added = Movement(input: 150, cost: -565, requests: 0)
        last.cost = 60
        try await ledger.book([Self.stream[0], Self.stream[1], back, last], size: 2)
        try await expect(ledger, ["gpt-4o-mini": [1, 400, 125, 60]])
    }

    @Test func aReportBySessionOrUserIsNotMoved() async throws {
        let ledger = try await TestLedger(.sqlite)
        try await ledger.book(Self.stream)
        #expect(try await byModel(ledger, .dimension(.user)).allSatisfy { $0 == ["u": [1, 250, 125, 625]] })
        #expect(try await ledger.count("rollup_user_month", where: "requests = 1 AND input = 250 AND cost = 625") == 1)
    }

    @Test func whatWasNotUsedIsTakenBackOfACheckpointWithoutTokens() async throws {
        let ledger = try await TestLedger(.sqlite)
        var (opening, final) = (Self.stream[0], LedgerEvent.commit(9, input: 70, output: 0, cost: 175))
        opening.usage = Usage(inputTokens: 0, outputTokens: 0)
        (opening.cost, opening.added) = (0, Movement(requests: 1))
        final.reservation = opening.reservation
        final.added.requests = 0
        try await ledger.book([opening, final])
        try await expect(ledger, ["gpt-4o": [1, 70, 0, 175]])
    }

    /// What was shown for a month that is over stays; the month after corrects it.
    @Test func whatMovesAfterTheMonthIsACorrection() async throws {
        let ledger = try await TestLedger(.sqlite)
        var events = Self.stream
        events[2].settledAt += 20 * Times.day
        try await ledger.book(events)
        var query = UsageQuery(from: 0, to: Times.noon * 2)
        query.groups = [.correction, .dimension(.model)]
        let rows = try await ledger.rows(query).map { row in row.keys.compactMap { $0 } + [row.requests, row.cost].map(String.init) }
        #expect(
            rows == [
                ["false", "gpt-4o-mini", "1", "45"], ["true", "gpt-4o", "1", "625"], ["true", "gpt-4o-mini", "-1", "-45"],
            ])
    }

    @Test func moreOfTheSameModelAfterTheMonthMovesNothing() async throws {
        let ledger = try await TestLedger(.sqlite)
        var events = Self.stream
        events[1].settledAt += 20 * Times.day
        try await ledger.book(Array(events.prefix(2)))
        #expect(try await ledger.count("events") == 2)
        #expect(try await byModel(ledger, .correction)[0] == ["false": [1, 100, 50, 15], "true": [0, 200, 100, 30]])
    }

    @Test func aKeyThatIsUsedAgainNamesAnotherReservation() async throws {
        let ledger = try await TestLedger(.sqlite)
        var again = Self.stream[0]
        again.id.sequence = 50
        again.model = "gpt-4o"
        try await ledger.book(Array(Self.stream.prefix(2)))
        try await ledger.book([again])
        try await expect(ledger, ["gpt-4o-mini": [1, 300, 150, 45], "gpt-4o": [1, 100, 50, 15]])
    }

    @Test(arguments: [UInt64(4), 5]) func whateverUsersDoEachReservationStandsUnderItsLastModel(_ seed: UInt64) async throws {
        let ledger = try await TestLedger(.sqlite)
        let store = try await TestStore(RandomSpending.policy, at: TestStore.noon)
        var spending = RandomSpending(store, seed: seed)
        for _ in 0..<300 { try await spending.step() }
        var last: [String: LedgerEvent] = [:]
        let settled: Set<LedgerEvent.Kind> = [.commit, .checkpoint, .record]
        for event in try await store.events() where settled.contains(event.kind) { last[event.reservation] = event }
        var expected: [String: [Int64]] = [:]
        for event in last.values {
            let amounts = [event.component == nil ? 1 : 0, event.usage.inputTokens, event.usage.cachedInputTokens, event.cost ?? 0]
            expected[event.model?.text ?? "-"] = zip(expected[event.model?.text ?? "-"] ?? [0, 0, 0, 0], amounts).map { $0 + $1 }
        }
        try #require(expected.count == 3)
        try await node("a", store, ledger.location) { _ in try await drained(store) }
        #expect(try await ledger.count("events", where: "sequence < 0") ?? 0 > 0)
        for found in try await byModel(ledger, at: TestStore.noon) { #expect(found == expected) }
    }
}
