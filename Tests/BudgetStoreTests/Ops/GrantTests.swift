import BudgetModel
import BudgetStore
import TestSupport
import Testing

/// Grants raise a limit where and as long as they say, and each of them once.
@Suite struct GrantTests {
    private let noon = OpsExample.noon
    private let hour: Int64 = 3_600_000

    @Test func aGrantRaisesTheLimitOfTheVeryNextDecision() async throws {
        let store = try await TestStore(OpsExample.policy, at: noon)
        try await store.spend(1_000)
        #expect(try await store.reserve(OpsExample.request()).get().kind == .reject)
        try await store.grant(GrantRequest("daily", "100"), to: "u")
        #expect(try await store.reserve(OpsExample.request()).get().kind == .allow)
        #expect(try await store.reserve(OpsExample.request(1)).get().allowance == "daily")
    }

    @Test func withoutAnEndItIsForThePresentWindowOnly() async throws {
        let store = try await TestStore(OpsExample.policy, at: noon)
        let answer = try await store.grant(GrantRequest("daily", "100"), to: "u")
        #expect(answer.topUp.before == OpsExample.midnight && !answer.replayed)
        try await store.set(time: OpsExample.midnight - 1)
        #expect(try await store.state("daily", of: "u")?.limit == 1_100)
        try await store.set(time: OpsExample.midnight)
        #expect(try await store.state("daily", of: "u")?.limit == 1_000)
        #expect(try await store.reserve(OpsExample.request(1_001)).get().reason == .tooLarge)
    }

    @Test func itCountsToTheEndOfTheLastWindowThatBeganBeforeItExpired() async throws {
        let store = try await TestStore(OpsExample.policy, at: noon)
        try await store.grant(GrantRequest("daily", "100", until: OpsExample.midnight + hour), to: "u")
        try await store.set(time: OpsExample.midnight + 2 * hour)
        #expect(try await store.state("daily", of: "u")?.limit == 1_100)
        #expect(try await store.account("u").grants.count == 1)
        try await store.set(time: OpsExample.midnight + 24 * hour)
        #expect(try await store.state("daily", of: "u")?.limit == 1_000)
        #expect(try await store.account("u").grants.isEmpty)
    }

    @Test func aRollingWindowThatIsRunningGetsItAndNoOther() async throws {
        let store = try await TestStore(OpsExample.policy, at: noon)
        try await store.spend(100)
        try await store.set(time: noon + hour)
        let answer = try await store.grant(GrantRequest("per-feature", "50"), to: "u")
        #expect(answer.topUp.before == noon + 5 * hour)
        #expect(try await store.state("per-feature", of: "u")?.limit == 5_050)
        try await store.set(time: noon + 5 * hour)
        try await store.spend(100)
        #expect(try await store.state("per-feature", of: "u")?.limit == 5_000)
    }

    @Test func otherCountersWindowsAreNoneOfANarrowGrants() async throws {
        let store = try await TestStore(OpsExample.policy, at: noon)
        try await store.spend(100, feature: "search")
        try await store.set(time: noon + hour)
        let answer = try await store.grant(GrantRequest("per-feature", "50", [.feature: "chat"]), to: "u")
        #expect(answer.topUp.before == noon + 6 * hour)
    }

    @Test func aRollingWindowThatHasNotBegunGetsItOnce() async throws {
        let store = try await TestStore(OpsExample.policy, at: noon)
        let answer = try await store.grant(GrantRequest("per-feature", "50"), to: "u")
        #expect(answer.topUp.before == noon + 5 * hour)
        try await store.set(time: noon + 4 * hour)
        try await store.spend(100)
        #expect(try await store.state("per-feature", of: "u")?.limit == 5_050)
        try await store.set(time: noon + 9 * hour)
        try await store.spend(100)
        #expect(try await store.state("per-feature", of: "u")?.limit == 5_000)
    }

    @Test(arguments: ["burst", "parallel"] as [Identifier])
    func whereNoWindowEndsAnEndIsDue(allowance: Identifier) async throws {
        let store = try await TestStore(OpsExample.policy, at: noon)
        let error = await #expect(throws: BudgetError.self) { try await store.grant(GrantRequest(allowance, "5"), to: "u") }
        guard case .edit(.invalid("/expires_at", _)) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        try await store.grant(GrantRequest(allowance, "5", until: noon + hour), to: "u")
        let limit = try #require(try await store.state(allowance, of: "u")).limit
        try await store.set(time: noon + hour)
        #expect(try await store.state(allowance, of: "u")?.limit == limit - 5)
    }

    @Test func aRepeatedGrantHasOneEffectAndAnotherOfItsNameIsRefused() async throws {
        let store = try await TestStore(OpsExample.policy, at: noon)
        let request = GrantRequest("daily", "100", until: noon + hour, id: "ticket-7")
        #expect(try await store.grant(request, to: "u").replayed == false)
        // Even when it has expired meanwhile.
        try await store.set(time: noon + 2 * hour)
        let again = try await store.grant(request, to: "u")
        #expect(again.replayed && again.topUp.grant?.id == "ticket-7")
        #expect(try await store.state("daily", of: "u")?.limit == 1_100)
        await #expect(throws: BudgetError.edit(.grantIDReused)) {
            try await store.grant(GrantRequest("daily", "101", until: noon + hour, id: "ticket-7"), to: "u")
        }
        // Ids are the user's own.
        #expect(try await store.grant(GrantRequest("daily", "100", id: "ticket-7"), to: "other").replayed == false)
    }

    @Test func aGrantIsForgottenADayAfterItsLastEffect() async throws {
        let store = try await TestStore(OpsExample.policy, at: noon)
        try await store.grant(GrantRequest("daily", "100", id: "old"), to: "u")
        try await store.set(time: OpsExample.midnight + 24 * hour - 1)
        try await store.grant(GrantRequest("daily", "1", id: "a"), to: "u")
        #expect(try await store.account("u").assignment.topUps.map(\.grant?.id) == ["old", "a"])
        try await store.set(time: OpsExample.midnight + 24 * hour)
        try await store.grant(GrantRequest("daily", "1", id: "b"), to: "u")
        #expect(try await store.account("u").assignment.topUps.map(\.grant?.id) == ["a", "b"])
    }

    @Test func grantsOfOneUserAreBounded() async throws {
        let store = try await TestStore(OpsExample.policy, at: noon)
        for number in 0..<64 { try await store.grant(GrantRequest("daily", "1", id: "g\(number)"), to: "u") }
        await #expect(throws: BudgetError.edit(.tooManyGrants(64))) {
            try await store.grant(GrantRequest("daily", "1", id: "one-more"), to: "u")
        }
        // Those that are over make room, though their ids would be known for a day.
        try await store.set(time: OpsExample.midnight)
        try await store.grant(GrantRequest("daily", "1", id: "one-more"), to: "u")
        let account = try await store.account("u")
        #expect(account.assignment.topUps.count == 64 && account.grants.count == 1)
    }

    @Test func dimensionsNarrowAGrant() async throws {
        let store = try await TestStore(OpsExample.policy, at: noon)
        try await store.spend(10, feature: "chat")
        try await store.spend(10, feature: "search")
        try await store.grant(GrantRequest("per-feature", "50", [.feature: "chat"]), to: "u")
        let states = try await store.user("u").get().allowances.filter { $0.name == "per-feature" }
        #expect(states.map(\.limit) == [5_050, 5_000])
        await #expect(throws: BudgetError.edit(.unknownDimension(.team, allowance: "daily"))) {
            try await store.grant(GrantRequest("daily", "50", [.team: "a"]), to: "u")
        }
    }

    @Test func whatIsNoAmountIsRefused() async throws {
        let store = try await TestStore(OpsExample.policy, at: noon)
        for text in ["0", "1.5", "-1", "1e3", "0.0"] {
            let error = await #expect(throws: BudgetError.self) { try await store.grant(GrantRequest("daily", text), to: "u") }
            guard case .edit(.invalid("/amount", _)) = error else {
                Issue.record("\(text): \(String(describing: error))")
                continue
            }
        }
        let error = await #expect(throws: BudgetError.self) { try await store.grant(GrantRequest("money", "0.000000001"), to: "u") }
        guard case .edit(.invalid("/amount", _)) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(try await store.grant(GrantRequest("money", "0.50"), to: "u").topUp.amount == 50_000_000)
    }

    @Test func aGrantThatCanNeverCountIsRefused() async throws {
        let matching = "per: [user, feature], match: {feature: chat}}"
        let store = try await TestStore(OpsExample.policy.replacing("per: [user, feature]}", with: matching), at: noon)
        var grant = GrantRequest("per-feature", "5")
        grant.dimensions = [.feature: "other"]
        let wrong = grant
        await #expect(throws: BudgetError.edit(.neverCounted(.feature, "other", allowance: "per-feature"))) {
            try await store.grant(wrong, to: "u")
        }
        grant.dimensions = [.feature: "chat"]
        let right = grant
        try await store.grant(right, to: "u")
    }

    @Test func theLargestAmountOfDollarsIsToldInDollars() {
        let error = EditError.amountTooLarge(pointer: "/amount", .usd)
        #expect("\(error)" == "An allowance, with all that is granted, must stay at or below 90071992.54740991 dollars.")
    }

    @Test func noSumPassesTheLargestAmount() async throws {
        let store = try await TestStore(OpsExample.policy, at: noon)
        try await store.grant(GrantRequest("daily", "9007199254731991"), to: "u")  // with pro's 9,000 just the largest
        for amount in ["1", "9007199254740992", "99999999999999999999999"] {
            await #expect(throws: BudgetError.edit(.amountTooLarge(pointer: "/amount", .tokens))) {
                try await store.grant(GrantRequest("daily", amount), to: "u")
            }
        }
        await #expect(throws: BudgetError.edit(.amountTooLarge(pointer: "/limits/daily", .tokens))) {
            try await store.assign(UserChange { $0.limits = .set(["daily": WrittenAmount("9001")]) }, to: "u")
        }
    }

    @Test func thePastGrantsNothing() async throws {
        let store = try await TestStore(OpsExample.policy, at: noon)
        await #expect(throws: BudgetError.edit(.invalid(pointer: "/expires_at", "Must be in the future."))) {
            try await store.grant(GrantRequest("daily", "1", until: noon), to: "u")
        }
    }

    @Test func aGrantOfAnotherUnitRaisesNothing() async throws {
        let store = try await TestStore(OpsExample.policy, at: noon)
        let granted = try await store.grant(GrantRequest("money", "2.5"), to: "u")
        #expect(granted.topUp.unit == .usd)
        try await store.use(OpsExample.policy.replacing("money, unit: usd, limit: 5", with: "money, unit: tokens, limit: 50"))
        #expect(try await store.state("money", of: "u")?.limit == 50)
        #expect(try await store.reserve(OpsExample.request(51)).get().allowance == "money")
        #expect(try await store.grant(GrantRequest("money", "30"), to: "u").topUp.unit == .tokens)
        #expect(try await store.state("money", of: "u")?.limit == 80)
    }
}
