import BudgetModel
import BudgetStore
import Foundation
import TestSupport
import Testing

/// A Redis user with no more than what SECURITY.md lists can do everything, and one without what it lists for ops still decides.
@Suite struct PermissionTests {
    /// Commands that SECURITY.md lists: for decisions, and besides for what ops ask.
    private static func listed() throws -> (decisions: [String], ops: [String]) {
        let root = (0..<4).reduce(URL(fileURLWithPath: #filePath)) { url, _ in url.deletingLastPathComponent() }
        let text = try String(contentsOf: root.appending(path: "SECURITY.md"), encoding: .utf8)
        let blocks = text.components(separatedBy: "```").filter { $0.contains(" +get") || $0.contains(" +scan") }.map { block in
            block.split(whereSeparator: \.isWhitespace).map(String.init).filter { $0.hasPrefix("+") }
        }
        try #require(blocks.count == 2 && blocks.allSatisfy { $0.count > 10 })
        return (blocks[0], blocks[1])
    }

    private static func store(_ redis: DedicatedRedis, rules: [String]) async throws -> TestStore {
        let admin = try await TestStore(OpsExample.policy, address: redis.address)
        let words = ["ACL", "SETUSER", "token-budget", "on", ">secret", "resetchannels", "~tb:*", "-@all"] + rules
        try await admin.redis(words.map { Array($0.utf8) })
        var address = redis.address
        (address.user, address.password) = ("token-budget", "secret")
        return try await TestStore(OpsExample.policy, address: address)
    }

    @Test func whatIsListedSuffices() async throws {
        let redis = try DedicatedRedis()
        let (decisions, ops) = try Self.listed()
        let store = try await Self.store(redis, rules: decisions + ops)
        try await store.spend(100)
        try await store.assign(UserChange { $0.tier = .set("free") }, to: "u")
        try await store.grant(GrantRequest("daily", "5"), to: "u")
        try await store.reset("daily", of: "u")
        #expect(try await store.users().users.count == 1)
        #expect(try await store.reservations(of: "u").reservations.count == 1)
        #expect(try await store.allowances().states.first?.used == 100)
        #expect(try await store.erase("u").reservations == 1)
    }

    @Test func decisionsNeedLess() async throws {
        let redis = try DedicatedRedis()
        let store = try await Self.store(redis, rules: Self.listed().decisions)
        try await store.spend(100)
        #expect(try await store.state("daily", of: "u")?.used == 100)
    }
}
