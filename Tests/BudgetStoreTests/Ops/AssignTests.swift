import BudgetModel
import BudgetStore
import TestSupport
import Testing

/// What ops decide about a user holds from the very next decision on, on every node.
@Suite struct AssignTests {
    private let noon = OpsExample.noon

    @Test func aFreezeHoldsForTheVeryNextDecisionOfAnotherNode() async throws {
        let here = try await TestStore(OpsExample.policy, at: noon)
        let there = try await TestStore(OpsExample.policy, at: noon, database: here.database)
        let open = try await there.reserve(OpsExample.request()).get()
        try await here.assign(UserChange { $0.frozen = .set(true) }, to: "u")
        #expect(try await there.reserve(OpsExample.request()).get().reason == .frozen)
        let checkpoint = OpsExample.commit(open.reservation, input: 10, final: false)
        #expect(try await there.commit(checkpoint).get().stop)
        try await here.assign(UserChange { $0.frozen = .clear }, to: "u")
        #expect(try await there.reserve(OpsExample.request()).get().kind == .allow)
    }

    @Test func aMergeLeavesWhatItDoesNotName() async throws {
        let store = try await TestStore(OpsExample.policy, at: noon)
        try await store.assign(
            UserChange {
                $0.tier = .set("pro")
                $0.limits = .set(["daily": WrittenAmount("80000"), "money": WrittenAmount("0.5")])
            }, to: "u")
        let account = try await store.assign(
            UserChange {
                $0.frozen = .set(true)
                $0.limits = .set(["money": nil])
            }, to: "u")
        #expect(account.assignment.tier == "pro" && account.assignment.frozen && account.assignment.limits == ["daily": 80_000])
        #expect(account.state.allowances.first { $0.name == "daily" }?.limit == 80_000)
        let cleared = try await store.assign(
            UserChange {
                $0.tier = .clear
                $0.limits = .clear
            }, to: "u")
        #expect(cleared.assignment.tier == nil && cleared.assignment.limits.isEmpty && cleared.assignment.frozen)
    }

    @Test func dollarsAreExactToTheMicrocent() async throws {
        let store = try await TestStore(OpsExample.policy, at: noon)
        let change = UserChange { $0.limits = .set(["money": WrittenAmount("0.00000001")]) }
        #expect(try await store.assign(change, to: "u").assignment.limits == ["money": 1])
    }

    @Test func whatPolicyDoesNotHaveIsRefusedAndNothingIsWritten() async throws {
        let store = try await TestStore(OpsExample.policy, at: noon)
        let refused: [(UserChange, EditError)] = [
            (UserChange { $0.tier = .set("gold") }, .unknownTier("gold")),
            (UserChange { $0.limits = .set(["dayly": WrittenAmount("1")]) }, .unknownAllowance("dayly", pointer: "/limits/dayly")),
            // Counted for everyone together: nobody has a share of one's own.
            (
                UserChange { $0.limits = .set(["company": WrittenAmount("1")]) },
                .unknownAllowance("company", pointer: "/limits/company")
            ),
            (
                UserChange { $0.limits = .set(["daily": WrittenAmount("9007199254740992")]) },
                .amountTooLarge(pointer: "/limits/daily", .tokens)
            ),
        ]
        for (change, error) in refused {
            await #expect(throws: BudgetError.edit(error)) { try await store.assign(change, to: "u") }
        }
        #expect(try await store.redis("DBSIZE") == .integer(2), "the clock and the prices")
    }

    @Test func aChangeThatChangesNothingWritesNothing() async throws {
        let store = try await TestStore(OpsExample.policy, at: noon)
        let revision = try await store.assign(UserChange { $0.tier = .set("pro") }, to: "u").assignment.revision
        #expect(try await store.assign(UserChange { $0.tier = .set("pro") }, to: "u").assignment.revision == revision)
    }

    @Test func changesMadeAtOnceAreAllKept() async throws {
        let store = try await TestStore(OpsExample.policy, at: noon)
        let other = try await TestStore(OpsExample.policy, at: noon, database: store.database)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<6 {
                group.addTask {
                    try await (number % 2 == 0 ? store : other).grant(GrantRequest("daily", "1", id: "g\(number)"), to: "u")
                }
            }
            try await group.waitForAll()
        }
        #expect(try await store.account("u").state.allowances.first { $0.name == "daily" }?.limit == 1_006)
    }

    @Test func takingAllBackCountsTheRevisionOn() async throws {
        let store = try await TestStore(OpsExample.policy, at: noon)
        let first = try await store.assign(UserChange { $0.frozen = .set(true) }, to: "u").assignment.revision
        try await store.grant(GrantRequest("daily", "10"), to: "u")
        let account = try await store.unassign("u")
        #expect(!account.state.frozen && account.grants.isEmpty && account.assignment.topUps.isEmpty)
        #expect(try #require(Int64(account.assignment.revision)) > #require(Int64(first)))
    }

    @Test func anErasedUsersOldRevisionComesNotBack() async throws {
        let store = try await TestStore(OpsExample.policy, at: noon)
        let node = try await TestStore(OpsExample.policy, at: noon, database: store.database)
        try await store.assign(UserChange { $0.frozen = .set(true) }, to: "u")
        #expect(try await node.reserve(OpsExample.request()).get().reason == .frozen)
        try await store.set(time: noon + 1)
        try await store.erase("u")
        try await store.assign(UserChange { $0.tier = .set("pro") }, to: "u")
        #expect(try await node.reserve(OpsExample.request()).get().kind == .allow)
    }

    @Test func anAssignmentWrittenBeforeGrantsHadNamesStillReads() throws {
        let old =
            #"7"# + "\n" + #"{"tier":"pro","top_ups":[{"allowance":"daily","amount":5,"before":9,"dimensions":{"feature":"chat"}}]}"#
        let assignment = try #require(AssignmentRecord.decode(Array(old.utf8)))
        #expect(assignment.revision == "7" && assignment.tier == "pro")
        #expect(assignment.topUps == [TopUp(allowance: "daily", amount: 5, before: 9, dimensions: [.feature: "chat"])])
        #expect(AssignmentRecord.decode(AssignmentRecord.encode(assignment)) == assignment)
    }

    @Test func whoGrantedIsNoLoadForDecisions() async throws {
        let store = try await TestStore(OpsExample.policy, at: noon)
        var request = GrantRequest("daily", "5", id: "g\"1")
        request.reason = "caf\u{E9} a\\b"
        let granted = try await store.grant(request, to: "u").topUp.grant
        #expect(granted?.id == "g\"1" && granted?.actor == "eva" && granted?.reason == "caf\u{E9} a\\b" && granted?.grantedAt == noon)
        let account = try await store.account("u")
        #expect(account.grants.map(\.grant) == [granted])
        // What every decision and settlement brings along has none of it.
        guard case .bytes(let stored) = try await store.redis([Array("HGET".utf8), Keys.user("u"), Array("a".utf8)]) else { return }
        #expect(!String(decoding: stored, as: UTF8.self).contains("eva"))
        try await store.unassign("u")
        #expect(try await store.redis([Array("HEXISTS".utf8), Keys.user("u"), Array("g".utf8)]) == .integer(0))
    }

    @Test func namesOfAnotherAssignmentsGrantsAreNotTaken() async throws {
        let store = try await TestStore(OpsExample.policy, at: noon)
        try await store.grant(GrantRequest("daily", "5", id: "mine"), to: "u")
        var foreign = Assignment()
        foreign.revision = "9"
        foreign.topUps = [TopUp(allowance: "daily", amount: 7, before: OpsExample.midnight)]
        try await store.assign(foreign, to: "u")
        #expect(try await store.account("u").grants == foreign.topUps)
    }

    @Test func aLimitOfAnotherUnitDoesNotApply() async throws {
        let store = try await TestStore(OpsExample.policy, at: noon)
        try await store.assign(UserChange { $0.limits = .set(["money": WrittenAmount("7")]) }, to: "u")
        try await store.use(OpsExample.policy.replacing("money, unit: usd, limit: 5", with: "money, unit: tokens, limit: 50"))
        let account = try await store.account("u")
        #expect(account.state.allowances.first { $0.name == "money" }?.limit == 50)
        #expect(account.limits.first?.limit == 700_000_000 && account.limits.first?.unit == .usd)
        #expect(!account.applies(account.limits.first?.unit, to: "money"))
        #expect(try await store.reserve(OpsExample.request(51)).get().allowance == "money")
        try await store.use(OpsExample.policy)
        #expect(try await store.state("money", of: "u")?.limit == 700_000_000)
    }

    @Test func aLimitWithItsOverdraftIsAnAmount() async throws {
        let policy = OpsExample.policy.replacing("[user, feature]}", with: "[user, feature], overdraft: 50%}")
        let store = try await TestStore(policy, at: noon)
        let change = UserChange { $0.limits = .set(["per-feature": WrittenAmount("7007199254740991")]) }
        await #expect(throws: BudgetError.edit(.amountTooLarge(pointer: "/limits/per-feature", .tokens))) {
            try await store.assign(change, to: "u")
        }
    }

    @Test func manyChangesAtOnceAreAllKept() async throws {
        let store = try await TestStore(OpsExample.policy, at: noon)
        let node = try await TestStore(OpsExample.policy, at: noon, database: store.database)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<60 {
                let target = index % 2 == 0 ? store : node
                group.addTask { _ = try await target.grant(GrantRequest("daily", "10", id: "g\(index)"), to: "u") }
            }
            try await group.waitForAll()
        }
        #expect(try await store.state("daily", of: "u")?.limit == 1_600)
    }
}
