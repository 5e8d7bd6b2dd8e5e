import BudgetModel
import BudgetStore
import TestSupport
import Testing

/// Different names never make one key, whatever bytes they have.
@Suite struct KeysTests {
    private static let awkward: [Identifier] = [
        "{", "}", "}x", "{}", "a:b", "a", "b", "../", "%", "%25", "%7B", "\u{1F600}", "caf\u{E9}", "cafe\u{301}", "u:r:x", "a b", "*",
        "tb:{07}:x", "A", "=", ".", Identifier(String(repeating: "x", count: 256)),
    ]

    @Test func keysOfDifferentUsersDiffer() {
        #expect(Set(Self.awkward.map(Keys.user)).count == Self.awkward.count)
    }

    @Test func aKeyHasOneHashTagOnly() {
        for id in Self.awkward {
            let key = Keys.user(id)
            #expect(key.filter { $0 == UInt8(ascii: "{") }.count == 1 && key.filter { $0 == UInt8(ascii: "}") }.count == 1)
        }
    }

    @Test func reservationsOfDifferentUsersAndNoncesDiffer() {
        var keys: Set<[UInt8]> = []
        for user in Self.awkward {
            for nonce in Self.awkward { keys.insert(Keys.reservation(user, nonce: Array(nonce.text.utf8))) }
        }
        #expect(keys.count == Self.awkward.count * Self.awkward.count)
    }

    @Test func countersOfDifferentValuesDifferAndAreReadBack() {
        var fields: Set<[UInt8]> = []
        var shared: Set<[UInt8]> = []
        for name in Self.awkward {
            for value in Self.awkward {
                let own = CounterKey(name: name, identity: "abc_-9", isPerUser: true, values: [value, name])
                let common = CounterKey(name: name, identity: "abc_-9", isPerUser: false, values: [value, name])
                fields.insert(Keys.field(own))
                shared.insert(Keys.sharedCounter(common))
                #expect(Keys.counter(field: Keys.field(own)) == own)
                #expect(Keys.counter(sharedKey: Keys.sharedCounter(common)) == common)
            }
        }
        #expect(fields.count == Self.awkward.count * Self.awkward.count)
        #expect(shared.count == fields.count)
    }

    @Test func usersSpreadOverAllPartitions() {
        let hit = Set((0..<2_000).map { Keys.partition(of: Identifier("u_\($0)")) })
        #expect(hit.count == Keys.partitions)
    }
}
