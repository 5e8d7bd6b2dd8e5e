import BudgetModel
import BudgetStore
import TestSupport
import Testing

/// Lists of users and of a user's reservations: complete, and in bounded steps.
@Suite struct ListingTests {
    private let noon = OpsExample.noon

    private func all(_ store: TestStore, search: String = "", limit: Int) async throws -> (users: [UserPage.User], pages: Int) {
        var users: [UserPage.User] = []
        var (cursor, pages): (String?, Int) = (nil, 0)
        repeat {
            let page = try await store.users(search: search, limit: limit, cursor: cursor)
            #expect(page.users.count <= limit)
            users += page.users
            cursor = page.nextCursor
            pages += 1
        } while cursor != nil && pages < 1_000
        return (users, pages)
    }

    @Test(arguments: [1, 3, 100]) func everyUserIsListedOnce(limit: Int) async throws {
        let store = try await TestStore(OpsExample.policy, at: noon)
        let names = ["{", "a:b", "caf\u{E9}", "cafe\u{301}", "*", "u_1", "u_2", "tb:{07}:u:x"] + (0..<40).map { "n\($0)" }
        for name in names { try await store.spend(1, user: Identifier(name)) }
        let listed = try await all(store, limit: limit).users.map(\.user)
        #expect(listed.count == names.count && Set(listed) == Set(names.map { Identifier($0) }))
    }

    @Test func aSearchFindsPartsOfIdsByTheirBytes() async throws {
        let store = try await TestStore(OpsExample.policy, at: noon)
        for name: Identifier in ["anna", "Anna", "joanna", "a:nna", "%41"] { try await store.spend(1, user: name) }
        #expect(Set(try await all(store, search: "anna", limit: 10).users.map(\.user)) == ["anna", "joanna"])
        #expect(try await all(store, search: ":", limit: 10).users.map(\.user) == ["a:nna"])
        #expect(try await all(store, search: "4", limit: 10).users.map(\.user) == ["%41"])
        #expect(try await all(store, search: "3A", limit: 10).users.isEmpty, "the key's encoding is not the id")
    }

    @Test func tierAndFreezeAreShown() async throws {
        let store = try await TestStore(OpsExample.policy, at: noon)
        try await store.spend(1, user: "seen")
        try await store.assign(UserChange { $0.tier = .set("pro") }, to: "assigned")
        try await store.assign(UserChange { $0.frozen = .set(true) }, to: "frozen")
        let users = try await all(store, limit: 10).users.sorted { $0.user.text < $1.user.text }
        #expect(users.map(\.tier) == ["pro", "free", "free"] && users.map(\.frozen) == [false, true, false])
    }

    @Test func oneAnswerLooksAtSoManyKeysOnly() async throws {
        let store = try await TestStore(OpsExample.policy, at: noon)
        try await store.spend(1)
        for batch in 0..<45 {
            let words = (0..<1_000).flatMap { ["other:\(batch):\($0)", "x"] }
            try await store.redis((["MSET"] + words).map { Array($0.utf8) })
        }
        let (users, pages) = try await all(store, limit: 10)
        #expect(users.map(\.user) == ["u"] && pages == 3)
    }

    @Test func oneUsersDamageHidesNobody() async throws {
        let store = try await TestStore(OpsExample.policy, at: noon)
        try await store.spend(1)
        try await store.redis([Array("SET".utf8), Keys.user("bad"), Array("x".utf8)])
        #expect(try await Set(all(store, limit: 10).users.map(\.user)) == ["u", "bad"])
    }

    @Test func aCursorOfSomebodyElseIsRefused() async throws {
        let store = try await TestStore(OpsExample.policy, at: noon)
        for cursor in ["", "x", "!", "MTIz"] {
            await #expect(throws: BudgetError.unknownCursor) { try await store.users(cursor: cursor) }
        }
    }

    @Test func reservationsShowWhatTheyHoldAndWhatBecameOfThem() async throws {
        let store = try await TestStore(OpsExample.policy, at: noon)
        let committed = try await store.reserve(OpsExample.request(300)).get().reservation
        _ = try await store.commit(OpsExample.commit(committed, input: 250)).get()
        try await store.set(time: noon + 1)
        let released = try await store.reserve(OpsExample.request(20)).get().reservation
        _ = try await store.release(released?.text ?? "").get()
        try await store.set(time: noon + 2)
        var keyed = OpsExample.request(100)
        keyed.idempotencyKey = "k"
        _ = try await store.reserve(keyed).get()
        _ = try await store.reserve(OpsExample.request(1, user: "other")).get()

        let list = try await store.reservations(of: "u")
        #expect(list.isComplete && list.reservations.map(\.state) == [.open, .released, .committed])
        #expect(list.reservations.map(\.issuedAt) == [noon + 2, noon + 1, noon])
        let open = try #require(list.reservations.first)
        #expect(open.held == Charge(tokens: 100, cost: 10_000) && open.charged.tokens == 0 && open.model == "m")
        #expect(open.tier == "free" && open.allowances == ["company", "daily", "per-feature", "burst", "money", "parallel"])
        #expect(open.expiresAt == noon + 2 + 120_000)
        #expect(list.reservations[2].charged == Charge(tokens: 250, cost: 25_000))
    }

    @Test func inALargeStoreOnlyOpenReservationsAreListed() async throws {
        let store = try await TestStore(OpsExample.policy, at: noon)
        try await store.spend(10)
        _ = try await store.reserve(OpsExample.request(20)).get()
        for batch in 0..<20 {
            let words = (0..<1_000).flatMap { ["other:\(batch):\($0)", "x"] }
            try await store.redis((["MSET"] + words).map { Array($0.utf8) })
        }
        let list = try await store.reservations(of: "u")
        #expect(!list.isComplete && list.reservations.map(\.state) == [.open])
    }
}
