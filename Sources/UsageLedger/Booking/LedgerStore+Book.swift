package import BudgetModel
import Crypto
import Synchronization

/// What came of a batch.
package struct Booked: Hashable, Sendable {
    /// Events that were new.
    package var booked: Int
    /// Events that the ledger had already, or had twice in the batch.
    package var repeated: Int
}

extension LedgerStore {
    /// Books events in one transaction: all of them, or (when it throws) none. Batches of a thousand make the most of a write to disk.
    /// - Throws: ``LedgerError``; the batch can be tried again as it is.
    package func book(_ events: [LedgerEvent]) async throws -> Booked {
        guard !events.isEmpty else { return Booked(booked: 0, repeated: 0) }
        let (known, zone) = (catalogue.withLock { $0 }, zone)
        let (booked, learned) = try await database.write { connection in
            var booking = Booking(catalogue: known, zone: zone)
            return (try booking.book(events, connection), booking.catalogue)
        }
        // Only now: what a transaction numbered is nobody's number if it did not end well.
        catalogue.withLock { $0 = learned }
        return booked
    }
}

/// The booking of one batch, inside its transaction.
private struct Booking {
    private(set) var catalogue: Catalogue
    private var calendar: LedgerCalendar
    private var users: [UserName: Int64] = [:]

    init(catalogue: Catalogue, zone: LedgerZone) {
        self.catalogue = catalogue
        calendar = LedgerCalendar(zone)
    }

    mutating func book(_ events: [LedgerEvent], _ connection: any SQLConnection) throws -> Booked {
        let numbers = try numbers(of: events, connection)
        var reservations = ReservationParts()
        let parts = try zip(events, numbers).map { try reservations.added(by: $0, $1, connection) }
        let new = try insert(events, parts, numbers, connection)
        try reservations.write(connection)

        var sums = Sums()
        var counters = CounterSums()
        for index in new {
            let event = events[index]
            let time = event.reservedAt
            sums.add(
                event, parts: parts[index], numbers: numbers[index], day: calendar.day(around: time).start,
                month: calendar.month(around: time).start)
            try add(event, to: &counters)
        }
        try sums.write(connection)
        try counters.write(connection)
        try Marks.write(events.map(\.id), connection)
        return Booked(booked: new.count, repeated: events.count - new.count)
    }

    // MARK: Raw rows

    private static let insert = BulkInsert(
        into: "events", EventColumns.all.map(\.name),
        "ON CONFLICT (milliseconds, stream, sequence) DO NOTHING RETURNING milliseconds, stream, sequence")

    /// Places of the events that were not there yet, ascending.
    private func insert(
        _ events: [LedgerEvent], _ parts: [Parts], _ numbers: [EventNumbers], _ connection: any SQLConnection
    ) throws -> [Int] {
        var places: [EventID: Int] = [:]
        var values: [SQLValue] = []
        values.reserveCapacity(events.count * EventColumns.all.count)
        for (index, event) in events.enumerated() where places[event.id] == nil {
            places[event.id] = index
            EventColumns.append(event, parts: parts[index], numbers: numbers[index], to: &values)
        }
        var new: [Int] = []
        try Self.insert.write(values, on: connection) { row in
            let id = EventID(
                partition: Int(row.integer(1) ?? 0), milliseconds: row.integer(0) ?? 0, sequence: row.integer(2) ?? 0)
            if let place = places[id] { new.append(place) }
        }
        return new.sorted()
    }

    // MARK: Numbers

    private mutating func numbers(of events: [LedgerEvent], _ connection: any SQLConnection) throws -> [EventNumbers] {
        let names = events.flatMap { [$0.attribution.user] + $0.counters.compactMap(\.user) }
        users = try UserName.numbers(of: Set(names.map(UserName.init)), on: connection)
        let words = events.map { DimensionSet.words(of: $0) }
        let models = events.flatMap { [$0.modelAsked, $0.modelGiven] }.compactMap { $0.map(Term.init) }
        try catalogue.learn(Set(words.joined().compactMap { $0 }).union(models), on: connection)
        let sets = zip(events, words).map { dimensions(of: $0, $1) }
        let userSets = sets.map(\.ofUser)
        try catalogue.learn(Set(sets).union(userSets), on: connection)
        try catalogue.learn(Set(events.flatMap { $0.counters.map { CounterName($0.counter, $0.unit) } }), on: connection)
        return try events.indices.map { index in
            let event = events[index]
            let user = try found(users[UserName(event.attribution.user)])
            return EventNumbers(
                user: user, dimensions: try found(catalogue.dimensions[sets[index]]),
                userDimensions: try found(catalogue.dimensions[userSets[index]]), modelAsked: number(of: event.modelAsked),
                modelGiven: number(of: event.modelGiven), reservation: digest(event.reservation, user))
        }
    }

    private mutating func dimensions(of event: LedgerEvent, _ words: [Term?]) -> DimensionSet {
        let correction = event.kind.isUsage && event.settledAt >= calendar.month(around: event.reservedAt).end
        return DimensionSet(
            words: words.map { $0.flatMap { catalogue.terms[$0] } ?? 0 }, priceClass: event.priceClass, correction: correction)
    }

    private func number(of model: Identifier?) -> Int64 { model.flatMap { catalogue.terms[Term($0)] } ?? 0 }

    /// A reservation's name has its user's in it, and must not outlive a pseudonym: only a digest is kept, 16 bytes.
    private func digest(_ reservation: String, _ user: Int64) -> [UInt8] {
        guard !reservation.isEmpty else { return [] }
        return Array(SHA256.hash(data: Array("\(user) \(reservation)".utf8)).prefix(16))
    }

    private func add(_ event: LedgerEvent, to counters: inout CounterSums) throws {
        for movement in event.counters where movement.amount != 0 {
            let counter = try found(catalogue.counters[CounterName(movement.counter, movement.unit)])
            let user = try movement.user.map { try found(users[UserName($0)]) } ?? 0
            counters.add(movement, counter: counter, user: user, at: event.settledAt)
        }
    }

    private func found(_ number: Int64?) throws -> Int64 {
        guard let number else { throw LedgerError.failed("a row that was just written is not there") }
        return number
    }
}
