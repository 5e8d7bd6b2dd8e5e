package import BudgetModel
import BudgetScripts

/// A reservation that the store has open.
package struct OpenHold: Hashable, Sendable {
    package var user: Identifier
    /// As events name it, see ``LedgerEvent/reservation``.
    package var reservation: String
    /// Milliseconds.
    package var issuedAt: Int64
    /// When a checkpoint booked something last, milliseconds; 0 for never.
    package var bookedAt: Int64
}

/// What whoever rebuilds a store that lost data asks about holds that are still there.
extension BudgetStore {
    /// Open holds of a partition, some per step and perhaps one twice.
    /// - Parameter cursor: 0 begins; 0 comes back behind the last.
    package func openHolds(
        partition: Int, from cursor: UInt64, _ answer: @escaping Answer<(holds: [OpenHold], cursor: UInt64)>
    ) {
        scan(members: [UInt8(ascii: "*")], ofSorted: Keys.expiryIndex(partition: partition), from: cursor) { [self] result in
            switch result {
            case .failure(let error): answer(.failure(error))
            case .success(let step):
                read(step.found, partition) { answer($0.map { (holds: $0, cursor: step.cursor) }) }
            }
        }
    }

    private func read(_ members: [[UInt8]], _ partition: Int, _ answer: @escaping Answer<[OpenHold]>) {
        guard !members.isEmpty else { return answer(.success([])) }
        var command = Command("MGET")
        for member in members { command.append(Keys.reservation(member: member, partition: partition)) }
        connection.send(command, inBackground: true) { [self] result in
            switch result {
            case .failure(let fault): answer(.failure(.store(fault)))
            case .success(.array(let records)):
                answer(.success(zip(members, records).compactMap { OpenHold(member: $0, $1, &origins) }))
            case .success: answer(.failure(.store(.corrupt("MGET answers something else"))))
            }
        }
    }

    /// Ends a hold without an event, and takes its record away: who settles it finds no trace of it.
    /// - Parameters:
    ///   - node: must have the lease of the ledger: nobody else may know better than the store.
    ///   - answer: gets whether it could; false when the lease is another's.
    package func forget(_ hold: OpenHold, by node: String, _ answer: @escaping Answer<Bool>) {
        let partition = Keys.partition(of: hold.user)
        run(.forget, keys: 4) { arguments in
            arguments.append(Keys.user(hold.user))
            arguments.append(Keys.reservation(member: Array(hold.reservation.utf8), partition: partition))
            arguments.append(Keys.expiryIndex(partition: partition))
            arguments.append(Keys.lease)
            arguments.append(node)
        } _: {
            answer($0.map { $0 != [UInt8(ascii: "n")] })
        }
    }
}

extension OpenHold {
    /// nil for one that has ended, or that nobody can read.
    fileprivate init?(member: [UInt8], _ reply: Reply, _ origins: inout OriginMemory) {
        guard case .bytes(let record) = reply, let hold = HoldRecord(record, &origins), hold.state == .open,
            let user = Keys.user(member: member)
        else { return nil }
        self.init(
            user: user, reservation: String(decoding: member, as: UTF8.self), issuedAt: hold.seal.issued, bookedAt: hold.writtenAt)
    }
}
