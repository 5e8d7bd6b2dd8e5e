package import BudgetModel

/// `GET /v1/reservations?user=`: what a user holds. Open reservations are found by the index of their partition; ended ones have no
/// index, and are found only in a store small enough to be looked through.
extension BudgetStore {
    package func reservations(of user: Identifier, _ answer: @escaping Answer<ReservationList>) {
        // Holds that are over are ended first, and that script tells the store's time.
        sweep(partition: Keys.partition(of: user)) { [self] result in
            if case .failure(let error) = result { return answer(.failure(error)) }
            connection.send(Command("DBSIZE")) { [self] result in
                switch result {
                case .success(.integer(let count)):
                    let all = count <= Int64(connection.limits.scannedKeys)
                    find(user, ended: all, from: 0, []) { [self] result in
                        switch result {
                        case .failure(let error): answer(.failure(error))
                        case .success(let keys): read(keys, isComplete: all, answer)
                        }
                    }
                case .success: answer(.failure(.store(.corrupt("DBSIZE answers something else"))))
                case .failure(let fault): answer(.failure(.store(fault)))
                }
            }
        }
    }

    /// Keys of the user's records.
    private func find(
        _ user: Identifier, ended: Bool, from cursor: UInt64, _ found: [[UInt8]], _ answer: @escaping Answer<[[UInt8]]>
    ) {
        let partition = Keys.partition(of: user)
        let goOn: Answer<ScanStep> = { [self] result in
            switch result {
            case .failure(let error): answer(.failure(error))
            case .success(let step):
                let keys = ended ? step.found : step.found.map { Keys.reservation(member: $0, partition: partition) }
                let all = found + keys
                guard step.cursor != 0, all.count < connection.limits.listedReservations else { return answer(.success(all)) }
                find(user, ended: ended, from: step.cursor, all, answer)
            }
        }
        if ended {
            scan(keys: Keys.reservations(of: user), from: cursor, goOn)
        } else {
            scan(members: Keys.members(of: user), ofSorted: Keys.expiryIndex(partition: partition), from: cursor, goOn)
        }
    }

    private func read(_ keys: [[UInt8]], isComplete: Bool, _ answer: @escaping Answer<ReservationList>) {
        // A scan may meet a key twice.
        let wanted = Array(Set(keys).sorted { $0.lexicographicallyPrecedes($1) }.prefix(connection.limits.listedReservations))
        let isComplete = isComplete && wanted.count < connection.limits.listedReservations
        guard !wanted.isEmpty else { return answer(.success(ReservationList(reservations: [], isComplete: isComplete))) }
        var command = Command("MGET")
        for key in wanted { command.append(key) }
        connection.send(command) { [self] result in
            switch result {
            case .success(.array(let records)):
                let listed = records.compactMap { record -> ListedReservation? in
                    guard case .bytes(let bytes) = record, let hold = HoldRecord(bytes, &origins) else { return nil }
                    return ListedReservation(hold)
                }
                answer(.success(ReservationList(reservations: listed.sorted { $0.issuedAt > $1.issuedAt }, isComplete: isComplete)))
            case .success: answer(.failure(.store(.corrupt("MGET answers something else"))))
            case .failure(let fault): answer(.failure(.store(fault)))
            }
        }
    }
}

/// A user's reservations, the latest first.
package struct ReservationList: Sendable {
    package var reservations: [ListedReservation]
    /// Whether ended ones, too, are all there that are remembered.
    package var isComplete: Bool
}

/// A reservation as its record tells it. What stands in its id alone is not known: the id itself, and mostly the model.
package struct ListedReservation: Sendable {
    package var state: HoldRecord.State
    /// As answered; known of a reservation with an idempotency key.
    package var model: Identifier?
    package var held: Charge
    /// What was booked, by checkpoints or for good.
    package var charged: Charge
    /// Milliseconds since 1970.
    package var issuedAt: Int64
    package var expiresAt: Int64
    package var tier: Identifier
    package var allowances: [Identifier]

    /// nil for the record of an idempotency key that held nothing.
    init?(_ hold: HoldRecord) {
        guard hold.state != .recorded else { return nil }
        state = hold.state
        model = hold.answer.isEmpty ? nil : StoredAnswer(hold.answer)?.model
        held = hold.held
        charged = hold.booked
        issuedAt = hold.seal.issued
        expiresAt = hold.expires
        tier = hold.tier
        allowances = hold.parts.compactMap { $0.counter?.name }
    }
}
