import BudgetModel
import BudgetStore
import TestSupport
import Testing
@testable import UsageLedger

/// What Redis counts is what events and open holds say, and where it is not, an audit finds it and a repair sets it right.
@Suite struct AuditTests {
    private static let who = Correcting(actor: "eva", reason: "a test")

    private func spent(_ store: TestStore, seed: UInt64 = 1, steps: Int = 60) async throws {
        var spending = RandomSpending(store, seed: seed)
        for _ in 0..<steps { try await spending.step() }
    }

    private func field(_ name: Identifier, _ store: TestStore, of user: Identifier) async throws -> [UInt8] {
        guard case .array(let items) = try await store.redis([Array("HKEYS".utf8), Keys.user(user)]) else { return [] }
        return try #require(
            items.compactMap { if case .bytes(let bytes) = $0 { bytes } else { nil } }.first { Keys.counter(field: $0)?.name == name })
    }

    /// Changes a user's counter by hand.
    private func change(
        _ name: Identifier, _ store: TestStore, of user: Identifier, _ edit: (inout [UInt8]) -> Void
    ) async throws {
        let field = try await field(name, store, of: user)
        guard case .bytes(var value) = try await store.redis([Array("HGET".utf8), Keys.user(user), field]) else { return }
        edit(&value)
        try await store.redis([Array("HSET".utf8), Keys.user(user), field, value])
    }

    @Test(arguments: [UInt64(1), 2, 3]) func whateverUsersDoTheAuditIsClean(_ seed: UInt64) async throws {
        let ledger = try await TestLedger(.sqlite)
        let store = try await TestStore(RandomSpending.policy, at: TestStore.noon)
        try await node("a", store, ledger.location) { node in
            var spending = RandomSpending(store, seed: seed)
            var time = TestStore.noon
            for round in 0..<12 {
                for _ in 0..<25 { try await spending.step() }
                let report = try await node.audit()
                #expect(report.isClean, "seed \(seed), round \(round): \(report.differences)")
                #expect(report.counters > 5 && report.users > 2 && report.unknown == 0)
                // Holds end, windows too.
                time += [1_000, 200_000, 3_700_000, 90_000_000][round % 4]
                try await store.set(time: time)
                if round % 4 > 0 {
                    try await store.sweep(RandomSpending.users)
                    spending.expire()
                }
            }
        }
    }

    @Test func whatWasChangedByHandIsFoundAndRepaired() async throws {
        let ledger = try await TestLedger(.sqlite)
        let store = try await TestStore(RandomSpending.policy, at: TestStore.noon)
        try await spent(store)
        let before = try #require(try await store.state("daily", of: "ann"))
        try await change("daily", store, of: "ann") { $0.replaceSubrange(12..<28, with: $0[12..<20] + $0[12..<20]) }
        try await change("life", store, of: "bob") { $0.replaceSubrange(12..<20, with: [0, 0, 0, 0, 0, 0, 0x59, 0x40]) }
        try await node("a", store, ledger.location) { node in
            let found = try await node.audit()
            #expect(found.found == 2 && !found.isClean && found.repaired == 0)
            #expect(found.differences.map(\.window.user) == ["ann", "bob"])
            let ann = try #require(found.differences.first)
            #expect(ann.ledger == before.used && ann.openHolds == before.held && ann.unit == .tokens)
            #expect(try await node.audit(user: "bob").differences.map(\.used) == [100])
            #expect(try await node.audit(user: "ann", repairing: Self.who).repaired == 1)
            #expect(try await store.state("daily", of: "ann") == before)
            #expect(try await node.audit().found == 1, "bob is as he was")
            #expect(try await node.audit(repairing: Self.who).repaired == 1)
            #expect(try await node.audit().isClean)
            try await drained(store)
            #expect(try await node.audit().isClean, "the event of a repair moves nothing")
        }
    }

    @Test func aSharedCounterIsAuditedOverAllPartitions() async throws {
        let ledger = try await TestLedger(.sqlite)
        let store = try await TestStore(RandomSpending.policy, at: TestStore.noon)
        try await spent(store)
        guard case .array(let keys) = try await store.redis("KEYS", "tb:c:company:*"), case .bytes(let key)? = keys.first,
            case .bytes(var value) = try await store.redis([Array("GET".utf8), key])
        else { throw Missing() }
        value.replaceSubrange(12..<20, with: [0, 0, 0, 0, 0, 0, 0xF0, 0x3F])
        try await store.redis([Array("SET".utf8), key, value])
        try await node("a", store, ledger.location) { node in
            let found = try await node.audit()
            #expect(found.differences.map(\.window.counter.name) == ["company"] && found.differences[0].used == 1)
            #expect(found.differences[0].window.user == nil && found.differences[0].ledger > 1)
            #expect(try await node.audit(repairing: Self.who).repaired == 1)
            #expect(try await node.audit().isClean)
        }
    }
    private struct Missing: Error {}

    @Test func aCounterThatIsGoneIsFoundAndComesBack() async throws {
        let ledger = try await TestLedger(.sqlite)
        let store = try await TestStore(RandomSpending.policy, at: TestStore.noon)
        try await spent(store)
        let before = try #require(try await store.state("daily", of: "ann"))
        try #require(before.used > 0)
        let field = try await field("daily", store, of: "ann")
        try await store.redis([Array("HDEL".utf8), Keys.user("ann"), field])
        try await node("a", store, ledger.location) { node in
            let found = try await node.audit(user: "ann")
            #expect(found.differences.map(\.ledger) == [before.used])
            #expect(try await node.audit(user: "ann", repairing: Self.who).repaired == 1)
            #expect(try await store.state("daily", of: "ann") == before)
        }
    }

    @Test func whatBeganBeforeTheLedgerIsNotComparedButSaid() async throws {
        let ledger = try await TestLedger(.sqlite)
        let store = try await TestStore(RandomSpending.policy, at: TestStore.noon)
        try await spent(store)
        // A store of a version that wrote no events.
        for partition in 0..<Keys.partitions { try await store.redis([Array("DEL".utf8), Keys.stream(partition: partition)]) }
        try await node("a", store, ledger.location) { node in
            let report = try await node.audit()
            #expect(report.isClean && report.unknown > 0)
        }
    }

    @Test func onlyTheKeeperAudits() async throws {
        let (here, there) = (try await TestLedger(.sqlite), try await TestLedger(.sqlite))
        let store = try await TestStore(RandomSpending.policy, at: TestStore.noon)
        try await node("http://a:8081", store, there.location) { keeper in
            try await eventually("keeper") { await keeper.status.isKeeper }
            try await node("http://b:8081", store, here.location) { other in
                try await eventually("known keeper") { await other.status.keeper == "http://a:8081" }
                await #expect { try await other.auditing() } throws: { "\($0)" == "the ledger is at http://a:8081" }
            }
        }
    }
}
