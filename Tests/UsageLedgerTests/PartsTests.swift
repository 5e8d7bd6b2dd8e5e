import BudgetModel
import Testing
@testable import UsageLedger

/// Cached, written and reasoning tokens of reservations that are settled in several steps.
@Suite struct PartsTests {
    /// A stream: 100, then 300 input tokens, half of them cached; at last 250.
    private static let stream: [LedgerEvent] = {
        let whole: [(LedgerEvent.Kind, Int64)] = [(.checkpoint, 100), (.checkpoint, 300), (.commit, 250)]
        var booked: Int64 = 0
        return whole.enumerated().map { number, step in
            var event = LedgerEvent.commit(Int64(number), input: step.1, output: 0)
            event.kind = step.0
            event.reservation = "u:stream"
            event.usage.cachedInputTokens = step.1 / 2
            event.added = Movement(input: step.1 - booked, output: 0, cost: 0, requests: number == 0 ? 1 : 0)
            booked = step.1
            return event
        }
    }()

    private func cached(_ ledger: TestLedger) async throws -> Int64? { try await ledger.total()?.cachedInputTokens }

    @Test(arguments: Backend.available) func checkpointsAndTheCommitAddUpToTheLast(_ backend: Backend) async throws {
        let ledger = try await TestLedger(backend)
        try await ledger.book([Self.stream[0]])
        #expect(try await cached(ledger) == 50)
        try await ledger.book([Self.stream[1]])
        #expect(try await cached(ledger) == 150)
        try await ledger.book([Self.stream[2]])
        #expect(try await cached(ledger) == 125)
        #expect(try await ledger.total()?.inputTokens == 250)
        #expect(try await ledger.total()?.requests == 1)
    }

    @Test(arguments: [[0, 1, 2], [2, 1, 0], [1, 0, 2], [0, 2, 1], [2, 0, 1], [1, 2, 0]])
    func theOrderOfArrivalDoesNotMatter(_ order: [Int]) async throws {
        let ledger = try await TestLedger(.sqlite)
        for place in order { try await ledger.book([Self.stream[place]]) }
        #expect(try await cached(ledger) == 125)
    }

    @Test(arguments: [[0, 1, 2], [2, 0, 1]]) func aBatchIsAsGoodAsSingleEvents(_ order: [Int]) async throws {
        let ledger = try await TestLedger(.sqlite)
        try await ledger.book(order.map { Self.stream[$0] } + Self.stream)
        #expect(try await cached(ledger) == 125)
    }

    @Test func theSameNonceOfAnotherUserIsAnotherReservation() async throws {
        let ledger = try await TestLedger(.sqlite)
        var other = Self.stream[0]
        other.attribution = Attribution(user: "someone else")
        other.id.sequence = 77
        try await ledger.book([Self.stream[0], other])
        #expect(try await cached(ledger) == 100)
    }

    @Test func aPlainCommitIsNotRemembered() async throws {
        let ledger = try await TestLedger(.sqlite)
        try await ledger.book([.commit(1), .commit(2)])
        #expect(try await ledger.count("interim_bookings") == 0)
    }

    @Test func anExpiryKeepsWhatACheckpointBooked() async throws {
        let ledger = try await TestLedger(.sqlite)
        var expiry = Self.stream[1]
        expiry.kind = .expiry
        expiry.usage = Self.stream[0].usage
        expiry.added = Movement()
        try await ledger.book([Self.stream[0], expiry])
        #expect(try await cached(ledger) == 50)
        #expect(try await ledger.total()?.inputTokens == 100)
    }
}
