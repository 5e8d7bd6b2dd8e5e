import BudgetModel

/// A raw row to be, and what it adds to the sums.
struct BookingRow {
    /// What it adds of input, output, cost and requests is the event's ``LedgerEvent/added``.
    var event: LedgerEvent
    var parts = Parts()
    var numbers: EventNumbers

    /// Whether it takes back what earlier rows booked, instead of telling an event.
    var isReversal: Bool { event.id.sequence < 0 }
}

extension EventID {
    /// The id of the row that takes back what was booked before this event; Redis gives no sequence below nothing.
    var reversal: EventID { EventID(partition: partition, milliseconds: milliseconds, sequence: -1 - sequence) }
}

extension Booking {
    /// Appends the row of an event, each id once. An event that charges another model than the reservation's earlier ones did, or
    /// differs from them in another dimension, gets two: one takes back what is booked under the old dimensions, one books the whole.
    mutating func append(
        _ event: LedgerEvent, _ numbers: EventNumbers, to rows: inout [BookingRow], _ connection: any SQLConnection
    ) throws {
        var row = BookingRow(event: event, numbers: numbers)
        switch event.kind {
        case .record: row.parts = Parts(event.usage)
        // Nothing was booked before: a reservation counts as a request from its first booking on.
        case .commit where event.added.requests > 0: row.parts = Parts(event.usage)
        case .commit, .checkpoint: try settle(&row, &rows, connection)
        case .release, .expiry, .reset, .grant, .repair: break
        }
        rows.append(row)
    }

    /// Works out what an event of a reservation with checkpoints adds.
    private mutating func settle(_ row: inout BookingRow, _ rows: inout [BookingRow], _ connection: any SQLConnection) throws {
        let (id, numbers) = (row.event.id, row.numbers)
        let known = try interim.booking(numbers, partition: id.partition, connection)
        guard let known, known.last.isBefore(id) else {
            // One that comes again changes nothing. Its row is looked for only here: whatever is later than the last is new.
            if try !isBooked(id, connection) { try settle(behind: known, &row, connection) }
            return
        }
        let now = Parts(row.event.usage)
        if row.event.added.requests > 0 {
            // The first of another reservation, with an idempotency key that was used before.
            row.parts = now
            return interim.keep(first(row), numbers)
        }
        let whole = known.added + row.event.added
        if let old = try moved(from: known.dimensions, to: numbers.dimensions, connection) {
            rows.append(try reversal(of: known, old, row, connection))
            row.event.added = whole
            row.parts = now
        } else {
            row.parts = now - known.parts
        }
        interim.keep(InterimBooking(last: id, dimensions: numbers.dimensions, added: whole, parts: now), numbers)
    }

    /// The first of a reservation; or one that comes after a later one: what it adds belongs where that has put the rest, and the
    /// later one's parts have its own in them.
    private mutating func settle(
        behind later: InterimBooking?, _ row: inout BookingRow, _ connection: any SQLConnection
    ) throws {
        let (event, numbers) = (row.event, row.numbers)
        guard var booking = later else {
            row.parts = Parts(event.usage)
            return interim.keep(first(row), numbers)
        }
        if let set = try moved(from: booking.dimensions, to: numbers.dimensions, connection) {
            try place(&row, under: set, connection)
        }
        booking.added = booking.added + event.added
        interim.keep(booking, numbers)
    }

    private func first(_ row: BookingRow) -> InterimBooking {
        InterimBooking(last: row.event.id, dimensions: row.numbers.dimensions, added: row.event.added, parts: row.parts)
    }

    private func isBooked(_ id: EventID, _ connection: any SQLConnection) throws -> Bool {
        try connection.integer(
            "SELECT 1 FROM events WHERE milliseconds = ? AND stream = ? AND sequence = ?",
            [.integer(id.milliseconds), .integer(Int64(id.partition)), .integer(id.sequence)]) != nil
    }

    // MARK: From one set of dimensions to another

    /// The old set, if it is another one; that a correction follows what was no correction yet moves nothing.
    private func moved(from old: Int64, to new: Int64, _ connection: any SQLConnection) throws -> DimensionSet? {
        guard old != new, let before = try DimensionSet.numbered(old, connection) else { return nil }
        let after = try DimensionSet.numbered(new, connection)
        return before.asCorrection(false) == after?.asCorrection(false) ? nil : before
    }

    private mutating func reversal(
        of booking: InterimBooking, _ set: DimensionSet, _ row: BookingRow, _ connection: any SQLConnection
    ) throws -> BookingRow {
        let event = row.event
        var taken = LedgerEvent(
            id: event.id.reversal, kind: .checkpoint, settledAt: event.settledAt, reservedAt: event.reservedAt,
            attribution: event.attribution)
        taken.added = -booking.added
        var reversal = BookingRow(event: taken, parts: Parts() - booking.parts, numbers: row.numbers)
        try place(&reversal, under: set, connection)
        return reversal
    }

    /// Whether it is a correction is the row's own affair.
    private mutating func place(_ row: inout BookingRow, under set: DimensionSet, _ connection: any SQLConnection) throws {
        let set = set.asCorrection(isCorrection(row.event))
        try catalogue.learn([set, set.ofUser], on: connection)
        row.numbers.dimensions = try found(catalogue.dimensions[set])
        row.numbers.userDimensions = try found(catalogue.dimensions[set.ofUser])
    }
}
