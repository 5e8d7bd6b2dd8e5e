import BudgetModel
import BudgetStore
import TestSupport
import Testing

/// What ops change is in the ledger, too: who did it, and why.
@Suite struct AdjustmentEventTests {
    private let noon = OpsExample.noon

    @Test func aResetTellsWhatItTookFromWhichCounter() async throws {
        let store = try await TestStore(OpsExample.policy, at: noon)
        try await store.spend(100, feature: "chat")
        try await store.spend(200, feature: "search")
        try await store.reset("per-feature", of: "u")
        try await store.reset("burst", of: "u")
        try await store.reset("daily", of: "nobody")
        let events = try await store.events().filter { $0.kind == .reset }
        #expect(events.count == 2 && events.allSatisfy { $0.actor == "eva" && $0.note == "a test" && $0.added == Movement() })
        let first = try #require(events.first)
        #expect(first.settledAt == noon && first.reservedAt == noon && first.attribution.user == "u")
        #expect(first.counters.map(\.amount) == [-100, -200] && first.counters.map(\.windowStart) == [noon, noon])
        #expect(first.counters.map(\.counter.values) == [["chat"], ["search"]] && first.counters.map(\.unit) == [.tokens, .tokens])
        #expect(events.last?.counters.map(\.windowStart) == [0], "a refill has no window")
    }

    @Test func aGrantIsToldOnce() async throws {
        let store = try await TestStore(OpsExample.policy, at: noon)
        var request = GrantRequest("money", "2.5", id: "g1")
        request.reason = "a bad day"
        for _ in 0..<2 { try await store.grant(request, to: "u") }
        let events = try await store.events()
        let event = try #require(events.first)
        #expect(events.count == 1 && event.kind == .grant && event.counters.isEmpty && event.added == Movement())
        #expect((event.actor, event.note, event.attribution.user) == ("eva", "a bad day", "u"))
        #expect(event.labels["amount"] == "2.5" && event.labels["unit"] == "usd" && event.labels["grant_id"] == "g1")
    }

    @Test func otherAssignmentsAreNoEventsButTheLedgerGetsACopy() async throws {
        let store = try await TestStore(OpsExample.policy, at: noon)
        try await store.assign(UserChange { $0.tier = .set("pro") }, to: "u")
        try await store.unassign("u")
        #expect(try await store.events().isEmpty)
        let copies = try await store.entries().compactMap { entry in
            if case .assignment(let copy) = entry.content { copy } else { nil }
        }
        #expect(copies.map(\.user) == ["u", "u"])
        #expect(copies.map { AssignmentRecord.decode($0.assignment)?.tier } == ["pro", nil])
    }

    @Test func anErasureStandsBetweenWhatWasAndWhatComes() async throws {
        let store = try await TestStore(OpsExample.policy, at: noon)
        try await store.spend(100)
        _ = try await store.reserve(OpsExample.request(7)).get()
        try await store.erase("u")
        try await store.spend(200)
        let told = try await store.entries().map { entry in
            switch entry.content {
            case .event(let event): "\(event.kind) \(event.added.input)"
            case .erasure(let user): "erase \(user)"
            case .assignment(let copy): "assignment of \(copy.user)"
            case .unreadable: "unreadable"
            }
        }
        #expect(told == ["commit 100", "release 0", "erase u", "commit 200"])
    }
}
