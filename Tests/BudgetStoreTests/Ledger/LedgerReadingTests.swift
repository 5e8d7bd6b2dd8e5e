import BudgetModel
import BudgetStore
import TestSupport
import Testing

/// Whoever keeps the ledger gets every event until it has confirmed it, and nothing leaves the store before.
@Suite struct LedgerReadingTests {
    private let noon = OpsExample.noon
    private let group = "ledger"

    private func spent(_ count: Int, user: Identifier = "u") async throws -> TestStore {
        let store = try await TestStore(OpsExample.policy, at: noon)
        try await store.ledgerCreateGroups(group)
        for _ in 0..<count { try await store.spend(1, user: user) }
        return store
    }

    @Test func whatIsNotConfirmedIsGivenAgainAndComesFirst() async throws {
        let store = try await spent(5)
        let first = try await store.ledgerRead(group: group, count: 3)
        #expect(first.count == 3)
        #expect(try await store.ledgerRead(group: group, pending: true).map(\.id) == first.map(\.id))
        #expect(try await store.ledgerRead(group: group).count == 2)
        #expect(try await store.ledgerRead(group: group).isEmpty)
        #expect(try await store.ledgerRead(group: group, pending: true).count == 5)
    }

    @Test func onlyWhatIsConfirmedLeavesTheStore() async throws {
        let store = try await spent(6)
        let ids = try await store.ledgerRead(group: group, count: 4).map(\.id)
        // The first is still missing.
        #expect(try await store.ledgerConfirm([ids[1], ids[2]], group: group) == 0)
        #expect(try await store.ledgerRead(group: group, pending: true).map(\.id) == [ids[0], ids[3]])
        #expect(try await store.ledgerConfirm([ids[0]], group: group) == 3)
        #expect(try await store.ledgerConfirm([ids[3]], group: group) == 1)
        #expect(try await store.ledgerConfirm(ids, group: group) == 0, "twice is no mistake")
        #expect(try await store.ledgerLag().entries == 2)
        #expect(try await store.ledgerRead(group: group).count == 2, "what was never given out stays")
    }

    @Test func theLagCountsAndDates() async throws {
        let store = try await TestStore(OpsExample.policy, at: noon)
        #expect(try await store.ledgerLag() == LedgerLag.none)
        try await store.spend(1, user: "a")
        try await store.spend(1, user: "b")
        let first = try #require(try await store.events().first)
        #expect(try await store.ledgerLag().entries == 2)
        #expect(try await store.ledgerLag().oldest == first.id.milliseconds)
    }

    @Test func groupsAreMadeOnceAndSeeWhatWasBefore() async throws {
        let store = try await TestStore(OpsExample.policy, at: noon)
        try await store.spend(1)
        for _ in 0..<2 { try await store.ledgerCreateGroups(group) }
        #expect(try await store.ledgerRead([Keys.partition(of: "u")], group: group).count == 1)
    }

    @Test func foreignEntriesAreGivenAsUnreadable() async throws {
        let store = try await spent(1)
        let stream = Keys.stream(partition: 7)
        for words in [["e", "c"], ["e", ""], ["x", "y"], ["e", "c000000", "r", "what"]] {
            try await store.redis([Array("XADD".utf8), stream, Array("*".utf8)] + words.map { Array($0.utf8) })
        }
        let entries = try await store.ledgerRead([7], group: group)
        #expect(entries.count == 4)
        for entry in entries {
            guard case .unreadable = entry.content else {
                Issue.record("\(entry.id) was read as \(entry.content)")
                continue
            }
        }
        #expect(try await store.ledgerConfirm(entries.map(\.id), group: group) == 4)
    }

    @Test func manyAreConfirmedInSteps() async throws {
        let store = try await TestStore(OpsExample.policy, at: noon)
        try await store.ledgerCreateGroups(group)
        let stream = Keys.stream(partition: 0)
        let words = ["local n = redis.call", "for i = 1, 2500 do n('XADD', KEYS[1], '*', 'x', 'y') end"].joined(separator: " ")
        try await store.redis([Array("EVAL".utf8), Array(words.utf8), Array("1".utf8), stream])
        let ids = try await store.ledgerRead([0], group: group, count: 5_000).map(\.id)
        #expect(ids.count == 2_500)
        #expect(try await store.ledgerConfirm(ids, group: group) == 2_500)
    }

    @Test func oneNodeKeepsTheLedgerAtATime() async throws {
        let store = try await TestStore(OpsExample.policy)
        #expect(try await store.ledgerLease("a", for: 60_000) == "a")
        #expect(try await store.ledgerLease("b", for: 60_000) == "a")
        #expect(try await store.ledgerLease("a", for: 60_000) == "a")
        try await store.ask { $0.ledgerGiveBack("b", $1) }.get()
        #expect(try await store.ledgerLease("b", for: 60_000) == "a", "nobody gives back what another has")
        try await store.ask { $0.ledgerGiveBack("a", $1) }.get()
        #expect(try await store.ledgerLease("b", for: 60_000) == "b")
        guard case .integer(let left) = try await store.redis("PTTL", Keys.lease) else { return }
        #expect((1...60_000).contains(left))
    }
}
