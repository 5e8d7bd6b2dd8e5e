import BudgetModel
import BudgetStore

/// I7: the ledger tells the very story that the reference tells.
extension RandomOperations {
    func name(of id: ReservationID) -> String {
        String(decoding: Keys.reservation(id.user, nonce: id.nonce).dropFirst("tb:{00}:r:".utf8.count), as: UTF8.self)
    }

    mutating func bookedCheckpoint(of text: String) {
        guard let id = ReservationID(text) else { return }
        told[name(of: id)]?.checkpoints += 1
    }

    /// Every reservation's events against what the reference knows of it, and every record's.
    func compareStories() throws {
        var wrong: [String] = []
        for (name, known) in told {
            let theirs = model.reservations[known.handle].flatMap { LedgerBooks.Story($0, checkpoints: known.checkpoints) }
            if books.stories[name] != theirs {
                wrong.append("  \(name): events \(text(books.stories[name])), reference \(text(theirs))")
            }
        }
        let records = books.stories.filter { $0.value.kinds[.record] != nil }
        let bookedRecords = model.keys.values.compactMap { use in
            if case .record(_, let booked) = use { booked } else { nil }
        }
        if records.count != bookedRecords.count { wrong.append("  \(records.count) records, reference \(bookedRecords.count)") }
        let cost = (
            events: records.values.reduce(0) { $0 + $1.added.cost }, reference: bookedRecords.reduce(0) { $0 + ($1.charged.cost ?? 0) }
        )
        if cost.events != cost.reference { wrong.append("  records cost \(cost.events), reference \(cost.reference)") }
        if records.values.contains(where: { $0.kinds != [.record: 1] }) { wrong.append("  a record was told twice") }
        guard !wrong.isEmpty else { return }
        throw Difference(
            description: (["seed \(seed): the ledger tells another story"] + wrong.sorted().prefix(20)).joined(separator: "\n"))
    }

    private func text(_ story: LedgerBooks.Story?) -> String { story.map { "\($0)" } ?? "-" }
}
