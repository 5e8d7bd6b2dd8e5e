import BudgetModel

/// What is booked so far of a reservation with checkpoints, and under which dimensions.
struct InterimBooking {
    /// The last event that it is made of.
    var last: EventID
    /// The number of the ``DimensionSet``.
    var dimensions: Int64
    var added: Movement
    var parts: Parts
}

/// The reservations with checkpoints of one batch. Usage of checkpoints and commits is cumulative, and the last one says which model
/// it was: so the ledger remembers how far each has come. A plain commit is not remembered.
struct InterimBookings {
    private struct Name: Hashable {
        let user: Int64
        let reservation: [UInt8]

        init(_ numbers: EventNumbers) { (user, reservation) = (numbers.user, numbers.reservation) }
    }

    private var bookings: [Name: InterimBooking] = [:]
    private var changed: Set<Name> = []

    /// What is booked of the reservation whose event has these numbers; nil for nothing.
    mutating func booking(
        _ numbers: EventNumbers, partition: Int, _ connection: any SQLConnection
    ) throws -> InterimBooking? {
        let name = Name(numbers)
        if let known = bookings[name] { return known }
        let sql = """
            SELECT milliseconds, sequence, dims, requests, input, output, cost, cached, cache_write, reasoning FROM interim_bookings
            WHERE user_id = ? AND reservation = ?
            """
        var found: InterimBooking?
        try connection.query(sql, [.integer(name.user), .bytes(name.reservation)]) { row in
            func integer(_ column: Int) -> Int64 { row.integer(column) ?? 0 }
            var parts = Parts()
            (parts.cached, parts.cacheWrite, parts.reasoning) = (integer(7), integer(8), integer(9))
            found = InterimBooking(
                last: EventID(partition: partition, milliseconds: integer(0), sequence: integer(1)), dimensions: integer(2),
                added: Movement(input: integer(4), output: integer(5), cost: integer(6), requests: integer(3)), parts: parts)
        }
        bookings[name] = found
        return found
    }

    mutating func keep(_ booking: InterimBooking, _ numbers: EventNumbers) {
        let name = Name(numbers)
        bookings[name] = booking
        changed.insert(name)
    }

    func write(_ connection: any SQLConnection) throws {
        let values = changed.flatMap { name -> [SQLValue] in
            guard let booking = bookings[name] else { return [] }
            let (last, added, parts) = (booking.last, booking.added, booking.parts)
            let amounts = [
                last.milliseconds, last.sequence, booking.dimensions, added.requests, added.input, added.output, added.cost,
                parts.cached, parts.cacheWrite, parts.reasoning,
            ]
            return [.integer(name.user), .bytes(name.reservation)] + amounts.map(SQLValue.integer)
        }
        try Self.insert.write(values, on: connection)
    }

    private static let amounts = [
        "milliseconds", "sequence", "dims", "requests", "input", "output", "cost", "cached", "cache_write", "reasoning",
    ]
    private static let insert = BulkInsert(
        into: "interim_bookings", ["user_id", "reservation"] + amounts,
        "ON CONFLICT (user_id, reservation) DO UPDATE SET " + amounts.map { "\($0) = excluded.\($0)" }.joined(separator: ", "))
}

extension Movement {
    static func + (a: Movement, b: Movement) -> Movement {
        Movement(
            input: a.input + b.input, output: a.output + b.output, cost: a.cost + b.cost, requests: a.requests + b.requests)
    }

    static prefix func - (a: Movement) -> Movement {
        Movement(input: -a.input, output: -a.output, cost: -a.cost, requests: -a.requests)
    }
}
