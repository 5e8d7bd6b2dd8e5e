package import BudgetModel
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
        let (known, zone, salt) = (catalogue.withLock { $0 }, zone, salt)
        let (booked, learned) = try await database.write { connection in
            var booking = Booking(catalogue: known, zone: zone, salt: salt)
            return (try booking.book(events, connection), booking.catalogue)
        }
        // Only now: what a transaction numbered is nobody's number if it did not end well.
        catalogue.withLock { $0 = learned }
        return booked
    }
}
