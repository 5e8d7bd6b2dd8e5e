package import BudgetModel
import BudgetScripts

/// `POST /v1/users/{user}/erase`: every trace of a user in Redis. Open holds first, so that what they hold of shared counters is
/// free at once; then whatever else has the user's name; the user's hash last. Bounded work per step: where the store has millions
/// of keys the steps are many, and other calls pass between them. One that broke off is simply asked again. At the end the ledger is
/// told, in the order of the partition's events: what it has of the user up to there is nobody's from then on.
extension BudgetStore {
    package func erase(_ user: Identifier, _ answer: @escaping Answer<Erasure>) {
        eraseHolds(of: user, from: 0, Erasure(), answer)
    }

    private func eraseHolds(of user: Identifier, from cursor: UInt64, _ done: Erasure, _ answer: @escaping Answer<Erasure>) {
        let index = Keys.expiryIndex(partition: Keys.partition(of: user))
        scan(members: Keys.members(of: user), ofSorted: index, from: cursor) { [self] result in
            erase(result, of: user, done, answer) { [self] cursor, done in
                if cursor != 0 { return eraseHolds(of: user, from: cursor, done, answer) }
                eraseRecords(of: user, from: 0, done, answer)
            }
        }
    }

    private func eraseRecords(of user: Identifier, from cursor: UInt64, _ done: Erasure, _ answer: @escaping Answer<Erasure>) {
        scan(keys: Keys.reservations(of: user), from: cursor) { [self] result in
            let members = result.map { ScanStep(cursor: $0.cursor, found: $0.found.map(Keys.member(reservationKey:))) }
            erase(members, of: user, done, answer) { [self] cursor, done in
                if cursor != 0 { return eraseRecords(of: user, from: cursor, done, answer) }
                run(erasing: [], of: user, withHash: true) { [self] result in
                    _ = learn([], of: user)
                    answer(result.map { done + $0 })
                }
            }
        }
    }

    /// Erases the members that a step found, then goes on behind it.
    private func erase(
        _ found: Result<ScanStep, BudgetError>, of user: Identifier, _ done: Erasure,
        _ answer: @escaping Answer<Erasure>, then next: @escaping (UInt64, Erasure) -> Void
    ) {
        switch found {
        case .failure(let error): answer(.failure(error))
        case .success(let step):
            erase(step.found[...], of: user, done) { result in
                switch result {
                case .failure(let error): answer(.failure(error))
                case .success(let done): next(step.cursor, done)
                }
            }
        }
    }

    private func erase(
        _ members: ArraySlice<[UInt8]>, of user: Identifier, _ done: Erasure, _ answer: @escaping Answer<Erasure>
    ) {
        guard !members.isEmpty else { return answer(.success(done)) }
        let batch = members.prefix(connection.limits.opsBatch)
        run(erasing: Array(batch), of: user, withHash: false) { [self] result in
            switch result {
            case .failure(let error): answer(.failure(error))
            case .success(let erased): erase(members.dropFirst(batch.count), of: user, done + erased, answer)
            }
        }
    }

    private func run(erasing members: [[UInt8]], of user: Identifier, withHash: Bool, _ answer: @escaping Answer<Erasure>) {
        run(.erase, keys: 3) { arguments in
            arguments.append(Keys.user(user))
            arguments.append(Keys.expiryIndex(partition: Keys.partition(of: user)))
            arguments.appendStream(of: user)
            arguments.append(withHash ? user.text : "")
            for member in members { arguments.append(member) }
        } _: { result in
            answer(
                result.map { bytes in
                    var reader = Unpacker(bytes)
                    func count() -> Int { Int(reader.unsigned(4)) }
                    return Erasure(counters: count(), reservations: count(), holds: count())
                })
        }
    }
}

/// What was removed of a user.
package struct Erasure: Hashable, Sendable {
    package var counters = 0
    /// Records of reservations, open or ended, and of idempotency keys.
    package var reservations = 0
    /// Of those the open ones: what they held is free.
    package var holds = 0

    package init(counters: Int = 0, reservations: Int = 0, holds: Int = 0) {
        self.counters = counters
        self.reservations = reservations
        self.holds = holds
    }

    static func + (a: Erasure, b: Erasure) -> Erasure {
        Erasure(counters: a.counters + b.counters, reservations: a.reservations + b.reservations, holds: a.holds + b.holds)
    }
}
