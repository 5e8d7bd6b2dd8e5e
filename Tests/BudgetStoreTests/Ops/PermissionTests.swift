import BudgetModel
import BudgetStore
import Foundation
import TestSupport
import Testing

/// A Redis user with no more than what SECURITY.md lists can do everything, and one without what it lists for ops and for the ledger
/// still decides.
@Suite struct PermissionTests {
    /// Commands that SECURITY.md lists: for decisions, and besides for what ops ask, and for the node that keeps the ledger.
    private static func listed() throws -> (decisions: [String], ops: [String], ledger: [String]) {
        let root = (0..<4).reduce(URL(fileURLWithPath: #filePath)) { url, _ in url.deletingLastPathComponent() }
        let text = try String(contentsOf: root.appending(path: "SECURITY.md"), encoding: .utf8)
        let blocks = text.components(separatedBy: "```").filter { text in
            [" +get", " +scan", " +xreadgroup"].contains { text.contains($0) }
        }.map { block in
            block.split(whereSeparator: \.isWhitespace).map(String.init).filter { $0.hasPrefix("+") }
        }
        try #require(blocks.count == 3 && blocks.allSatisfy { $0.count > 5 })
        return (blocks[0], blocks[1], blocks[2])
    }

    private static func store(_ redis: DedicatedRedis, rules: [String]) async throws -> TestStore {
        let admin = try await TestStore(OpsExample.policy, address: redis.address)
        let words = ["ACL", "SETUSER", "token-budget", "on", ">secret", "resetchannels", "~tb:*", "-@all"] + rules
        try await admin.redis(words.map { Array($0.utf8) })
        var address = redis.address
        (address.user, address.password) = ("token-budget", "secret")
        return try await TestStore(OpsExample.policy, address: address)
    }

    private static let shared = [CounterKey(name: "all", identity: "abcdef", isPerUser: false, values: [])]
    private static let corrections = [
        CounterCorrection(
            shared[0], .tokens, windowStart: 0, used: 1, held: 0, missing: CounterState(start: 0, finish: 1 << 47, used: 1))
    ]

    @Test func whatIsListedSuffices() async throws {
        let redis = try DedicatedRedis()
        let (decisions, ops, ledger) = try Self.listed()
        let store = try await Self.store(redis, rules: decisions + ops + ledger)
        try await store.spend(100)
        try await store.assign(UserChange { $0.tier = .set("free") }, to: "u")
        try await store.grant(GrantRequest("daily", "5"), to: "u")
        try await store.reset("daily", of: "u")
        #expect(try await store.users().users.count == 1)
        #expect(try await store.reservations(of: "u").reservations.count == 1)
        #expect(try await store.allowances().states.first?.used == 100)
        #expect(try await store.erase("u").reservations == 1)
        #expect(try await store.ledgerLag().entries == 6)
        try await store.ledgerCreateGroups("ledger")
        let ids = try await store.ledgerRead(group: "ledger").map(\.id)
        #expect(try await store.ledgerConfirm(ids, group: "ledger") == 6)
        #expect(try await store.ledgerLease("a", for: 1_000) == "a")
        let epoch = StoreEpoch.new(of: "0000000000000000")
        let marks = [EventID(partition: 7, milliseconds: 5_000_000_000_000, sequence: 1)]
        #expect(try await store.ask { $0.ledgerEpoch(epoch, inPlaceOf: nil, by: "a", marks: marks, $1) }.get())
        _ = try await store.ask { $0.auditUsers(["u"], $1) }.get()
        _ = try await store.ask { $0.auditShared(Self.shared, $1) }.get()
        #expect(try await store.ask { $0.correct(Self.corrections, of: nil, by: "a", nil, $1) }.get() == 1)
        #expect(try await store.ask { $0.ledgerEpoch(nil, inPlaceOf: epoch, by: "a", marks: [], $1) }.get())
        try await store.ask { $0.ledgerGiveBack("a", $1) }.get()
    }

    @Test func decisionsNeedLess() async throws {
        let redis = try DedicatedRedis()
        let store = try await Self.store(redis, rules: Self.listed().decisions)
        try await store.spend(100)
        #expect(try await store.state("daily", of: "u")?.used == 100)
    }
}
