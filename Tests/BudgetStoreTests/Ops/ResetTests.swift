import BudgetModel
import BudgetStore
import TestSupport
import Testing

/// A reset forgets what was used and keeps what is held.
@Suite struct ResetTests {
    private let noon = OpsExample.noon

    @Test func useIsForgottenAndHoldsStay() async throws {
        let store = try await TestStore(OpsExample.policy, at: noon)
        try await store.spend(600)
        _ = try await store.reserve(OpsExample.request(300)).get()
        let answer = try await store.reset("daily", of: "u")
        #expect(answer.counters.map(\.name) == ["daily"] && answer.counters.map(\.usedBefore) == [600])
        let state = try await store.state("daily", of: "u")
        #expect(state?.used == 0 && state?.held == 300 && state?.remaining == 700)
        #expect(try await store.state("burst", of: "u")?.used == 600, "another allowance is another affair")
        #expect(try await store.reserve(OpsExample.request(700)).get().kind == .allow)
    }

    @Test func aLateCheckpointOrCommitNeverMakesUseNegative() async throws {
        let store = try await TestStore(OpsExample.policy, at: noon)
        let held = try await store.reserve(OpsExample.request(500)).get().reservation
        _ = try await store.commit(OpsExample.commit(held, input: 400, final: false)).get()
        try await store.reset("daily", of: "u")
        // Corrects itself downwards, below what the reset left of it.
        _ = try await store.commit(OpsExample.commit(held, input: 100, final: false)).get()
        #expect(try await store.state("daily", of: "u")?.used == 0)
        let settled = try await store.commit(OpsExample.commit(held, input: 150)).get()
        #expect(settled.charged.tokens == 150)
        let state = try await store.state("daily", of: "u")
        #expect(state?.used == 50 && state?.held == 0, "what was booked after the reset")
    }

    @Test func aRefillIsFullAgainAndDrainsOn() async throws {
        let store = try await TestStore(OpsExample.policy, at: noon)
        try await store.spend(1_000)
        _ = try await store.reserve(OpsExample.request(0)).get()
        // 3,000 an hour: after seven minutes and a half 375 have drained.
        try await store.set(time: noon + 450_000)
        #expect(try await store.reset("burst", of: "u").counters.map(\.usedBefore) == [625])
        #expect(try await store.state("burst", of: "u")?.remaining == 3_000)
    }

    @Test func dimensionsChooseAmongCounters() async throws {
        let store = try await TestStore(OpsExample.policy, at: noon)
        try await store.spend(100, feature: "chat")
        try await store.spend(200, feature: "search")
        let answer = try await store.reset("per-feature", [.feature: "search"], of: "u")
        #expect(answer.counters.map(\.dimensions) == [[.feature: "search"]] && answer.counters.map(\.usedBefore) == [200])
        let states = try await store.user("u").get().allowances.filter { $0.name == "per-feature" }
        #expect(states.map(\.used) == [100, 0])
        #expect(try await store.reset("per-feature", of: "u").counters.map(\.usedBefore) == [100, 0])
    }

    @Test func manyCountersAreResetInSteps() async throws {
        let store = try await TestStore(OpsExample.policy, at: noon)
        for number in 0..<230 { try await store.spend(1, feature: Identifier("f\(number)")) }
        #expect(try await store.reset("per-feature", of: "u").counters.count == 230)
        let states = try await store.user("u").get().allowances.filter { $0.name == "per-feature" }
        #expect(states.allSatisfy { $0.used == 0 })
    }

    @Test func aUserWithoutUseHasNothingToReset() async throws {
        let store = try await TestStore(OpsExample.policy, at: noon)
        #expect(try await store.reset("daily", of: "nobody").counters.isEmpty)
        await #expect(throws: BudgetError.edit(.unknownAllowance("company", pointer: "/allowance"))) {
            try await store.reset("company", of: "u")
        }
    }
}
