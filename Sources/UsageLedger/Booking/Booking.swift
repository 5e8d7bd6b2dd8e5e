import BudgetModel

/// The booking of one batch, inside its transaction.
struct Booking {
    var catalogue: Catalogue
    var interim = InterimBookings()
    private var calendar: LedgerCalendar
    private var users: [UserName: Int64] = [:]
    private let salt: DigestSalt

    init(catalogue: Catalogue, zone: LedgerZone, salt: DigestSalt) {
        self.catalogue = catalogue
        self.salt = salt
        calendar = LedgerCalendar(zone)
    }

    mutating func book(_ batch: [LedgerEvent], _ connection: any SQLConnection) throws -> Booked {
        try catalogue.renew(on: connection)
        var seen: Set<EventID> = []
        let events = batch.filter { seen.insert($0.id).inserted }
        let numbers = try numbers(of: events, connection)
        var rows: [BookingRow] = []
        rows.reserveCapacity(events.count)
        for (event, numbers) in zip(events, numbers) { try append(event, numbers, to: &rows, connection) }
        let new = try insert(rows, connection)
        try interim.write(connection)

        var sums = Sums()
        var counters = CounterSums()
        for index in new {
            let row = rows[index]
            let time = row.event.reservedAt
            sums.add(row, day: calendar.day(around: time).start, month: calendar.month(around: time).start)
            try add(row.event, to: &counters)
        }
        try sums.write(connection)
        try counters.write(connection)
        try Marks.write(events.map(\.id), connection)
        let booked = new.count { !rows[$0].isReversal }
        return Booked(booked: booked, repeated: batch.count - booked)
    }

    // MARK: Raw rows

    private static let insert = BulkInsert(
        into: "events", EventColumns.all.map(\.name),
        "ON CONFLICT (milliseconds, stream, sequence) DO NOTHING RETURNING milliseconds, stream, sequence")

    /// Places of the rows that were not there yet, ascending.
    private func insert(_ rows: [BookingRow], _ connection: any SQLConnection) throws -> [Int] {
        var places: [EventID: Int] = [:]
        var values: [SQLValue] = []
        values.reserveCapacity(rows.count * EventColumns.all.count)
        for (index, row) in rows.enumerated() {
            places[row.event.id] = index
            EventColumns.append(row, to: &values)
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
                modelGiven: number(of: event.modelGiven), reservation: salt.digest(event.reservation, of: user))
        }
    }

    private mutating func dimensions(of event: LedgerEvent, _ words: [Term?]) -> DimensionSet {
        DimensionSet(
            words: words.map { $0.flatMap { catalogue.terms[$0] } ?? 0 }, priceClass: event.priceClass,
            correction: isCorrection(event))
    }

    /// Whether it was booked after the month it belongs to was over.
    mutating func isCorrection(_ event: LedgerEvent) -> Bool {
        event.kind.isUsage && event.settledAt >= calendar.month(around: event.reservedAt).end
    }

    private func number(of model: Identifier?) -> Int64 { model.flatMap { catalogue.terms[Term($0)] } ?? 0 }

    private func add(_ event: LedgerEvent, to counters: inout CounterSums) throws {
        for movement in event.counters where movement.amount != 0 {
            let counter = try found(catalogue.counters[CounterName(movement.counter, movement.unit)])
            let user = try movement.user.map { try found(users[UserName($0)]) } ?? 0
            counters.add(movement, counter: counter, user: user, of: event)
        }
    }

    func found(_ number: Int64?) throws -> Int64 {
        guard let number else { throw LedgerError.failed("a row that was just written is not there") }
        return number
    }
}
