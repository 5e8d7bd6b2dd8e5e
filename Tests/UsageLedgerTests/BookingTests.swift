import BudgetModel
import TestSupport
import Testing
@testable import UsageLedger

/// Every event once, whatever happens.
@Suite struct BookingTests {
    private static let life = RandomEvents(seed: 3, from: Times.noon, days: 2, reservations: 250)
    private static var cost: Int64 { life.events.reduce(0) { $0 + $1.added.cost } }

    @Test(arguments: Backend.available) func aBatchThatComesAgainChangesNothing(_ backend: Backend) async throws {
        let ledger = try await TestLedger(backend)
        let events = Self.life.events
        #expect(try await ledger.store.book(events) == Booked(booked: events.count, repeated: 0))
        #expect(try await ledger.store.book(events) == Booked(booked: 0, repeated: events.count))
        #expect(try await ledger.store.book(events.shuffled() + events) == Booked(booked: 0, repeated: 2 * events.count))
        let total = try await ledger.total()
        #expect(total?.cost == Self.cost)
        #expect(total?.cachedInputTokens == Self.life.lines.reduce(0) { $0 + $1.amounts[3] })
    }

    @Test(arguments: Backend.available) func anEventTwiceInABatchIsBookedOnce(_ backend: Backend) async throws {
        let ledger = try await TestLedger(backend)
        let event = LedgerEvent.commit(1)
        #expect(try await ledger.store.book([event, event]) == Booked(booked: 1, repeated: 1))
        #expect(try await ledger.total()?.requests == 1)
    }

    @Test(arguments: Backend.available) func writersThatOverlapBookEachEventOnce(_ backend: Backend) async throws {
        let ledger = try await TestLedger(backend)
        let stores = [ledger.store, try await ledger.another(), try await ledger.another()]
        let booked = try await withThrowingTaskGroup(of: Int.self) { group in
            for (number, store) in stores.enumerated() {
                group.addTask {
                    var random = SeededGenerator(seed: UInt64(number))
                    var booked = 0
                    // Each its own way through the same events, in batches that overlap.
                    for _ in 0..<12 {
                        let first = Int.random(in: 0..<Self.life.events.count, using: &random)
                        booked += try await store.book(Array(Self.life.events[first...].prefix(60))).booked
                    }
                    return booked + (try await store.book(Self.life.events).booked)
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(booked == Self.life.events.count)
        #expect(try await ledger.total()?.cost == Self.cost)
        #expect(try await ledger.count("events", where: "sequence >= 0") == Int64(Self.life.events.count))
    }

    @Test(arguments: Backend.available) func aBatchThatFailsLeavesNothingBehind(_ backend: Backend) async throws {
        let ledger = try await TestLedger(backend)
        try await ledger.store.database.write { try $0.run("ALTER TABLE rollup_day RENAME TO elsewhere") }
        await #expect(throws: LedgerError.self) { try await ledger.store.book([.commit(1, model: "new-model")]) }
        #expect(try await ledger.count("events") == 0)
        #expect(try await ledger.count("terms") == 0)
        try await ledger.store.database.write { try $0.run("ALTER TABLE elsewhere RENAME TO rollup_day") }
        // The numbers of the first attempt were nobody's.
        #expect(try await ledger.store.book([.commit(1, model: "new-model")]).booked == 1)
        var query = UsageQuery(from: 0, to: Times.noon * 2)
        query.groups = [.dimension(.model)]
        #expect(try await ledger.rows(query).map { $0.keys[0] } == ["new-model"])
    }

    @Test(arguments: Backend.available) func aLedgerIsFoundAgain(_ backend: Backend) async throws {
        let ledger = try await TestLedger(backend, timeZone: "Asia/Kathmandu")
        try await ledger.book([.commit(1)])
        try await ledger.store.close()
        let again = try await LedgerStore.open(ledger.location, timeZone: "UTC")
        #expect(again.zone.name == "Asia/Kathmandu")
        #expect(try await again.book([.commit(1), .commit(2)]) == Booked(booked: 1, repeated: 1))
    }

    @Test(arguments: Backend.available) func aLedgerOfALaterVersionIsLeftAlone(_ backend: Backend) async throws {
        let ledger = try await TestLedger(backend)
        try await ledger.store.database.write { try Meta.schema.write("99", $0) }
        await #expect(throws: LedgerError.self) { try await LedgerStore.open(ledger.location) }
    }

    @Test func addressesSayWhatTheyAre() throws {
        #expect(try LedgerLocation(url: "sqlite:///var/lib/ledger.db") == .file("/var/lib/ledger.db"))
        #expect(try LedgerLocation(url: "postgres://u:p@h/db") == .postgres("postgres://u:p@h/db"))
        #expect(throws: LedgerError.self) { try LedgerLocation(url: "mysql://u:secret@h/db") }
    }

    @Test func whatNoDatabaseAnswersForIsUnreachable() async {
        await #expect(throws: LedgerError.self) {
            try await LedgerStore.open(.postgres("postgres://nobody:hush@127.0.0.1:1/none"))
        }
    }

    @Test func aBadAddressIsNotRepeatedWithItsPassword() async {
        let error = await #expect(throws: LedgerError.self) {
            try await LedgerStore.open(.postgres("postgres://someone:hush@[::1:5432/none"))
        }
        #expect(error.map { !"\($0)".contains("hush") } == true)
    }

    @Test(arguments: Backend.available) func callersMayWriteAnythingIntoFreeText(_ backend: Backend) async throws {
        let ledger = try await TestLedger(backend)
        var event = LedgerEvent.commit(1, user: "O'Brien; DROP TABLE events --", model: "\u{1F600}?$1")
        event.status = "a\u{0}b"
        event.labels = ["k\"ey": "va\\lue\u{0}"]
        event.note = "?"
        #expect(try await ledger.store.book([event]).booked == 1)
        var query = UsageQuery(from: 0, to: Times.noon * 2)
        query.groups = [.dimension(.user), .dimension(.model)]
        #expect(try await ledger.rows(query).first?.keys == ["O'Brien; DROP TABLE events --", "\u{1F600}?$1"])
    }
}
