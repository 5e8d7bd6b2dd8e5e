package import BudgetModel
import BudgetScripts

/// What an audit asks of the store.
extension BudgetStore {
    /// Everything that bears on the counters of these users, all of one partition.
    package func auditUsers(_ users: [Identifier], _ answer: @escaping Answer<CounterSnapshot>) {
        guard let first = users.first else { return answer(.failure(.store(.corrupt("nobody is to be audited")))) }
        let partition = Keys.partition(of: first)
        precondition(users.allSatisfy { Keys.partition(of: $0) == partition }, "users of one partition are audited at a time")
        audit([partition], users, users.map { Keys.user($0) }, answer)
    }

    /// Everything that bears on these shared counters.
    package func auditShared(_ counters: [CounterKey], _ answer: @escaping Answer<CounterSnapshot>) {
        audit(Array(0..<Keys.partitions), nil, counters.map { Keys.sharedCounter($0) }, answer)
    }

    private func audit(
        _ partitions: [Int], _ users: [Identifier]?, _ keys: [[UInt8]], _ answer: @escaping Answer<CounterSnapshot>
    ) {
        run(.audit, keys: 2 * partitions.count + keys.count) { arguments in
            for partition in partitions { arguments.append(Keys.stream(partition: partition)) }
            for partition in partitions { arguments.append(Keys.expiryIndex(partition: partition)) }
            for key in keys { arguments.append(key) }
            for word in ["\(partitions.count)", users == nil ? "s" : "u", "\(connection.limits.auditedEntries)"] {
                arguments.append(word)
            }
        } _: { [self] result in
            answer(
                result.flatMap { bytes in
                    var reader = Unpacker(bytes)
                    switch reader.byte() {
                    case UInt8(ascii: "w"): return .failure(.store(.refusing("too many events wait for the ledger")))
                    case UInt8(ascii: "h"):
                        return .failure(.store(.refusing("more than \(connection.limits.auditedEntries) reservations are open")))
                    default:
                        guard let snapshot = CounterSnapshot(&reader, partitions: partitions, users: users, &origins) else {
                            return .failure(.store(.corrupt("the audit script answers something else")))
                        }
                        return .success(snapshot)
                    }
                })
        }
    }

    /// Users that have anything stored, so many keys per step and some more than once.
    /// - Parameter cursor: 0 begins; 0 comes back behind the last.
    package func storedUsers(from cursor: UInt64, _ answer: @escaping Answer<(users: [Identifier], cursor: UInt64)>) {
        scan(keys: Keys.users(containing: ""), from: cursor) { result in
            answer(result.map { (users: $0.found.compactMap(Keys.user(key:)), cursor: $0.cursor) })
        }
    }

    /// Shared counters, of those that the store lists.
    package func storedSharedCounters(_ answer: @escaping Answer<[CounterKey]>) { sharedCounters(from: 0, [], answer) }

    private func sharedCounters(from cursor: UInt64, _ found: [CounterKey], _ answer: @escaping Answer<[CounterKey]>) {
        scan(membersOf: Keys.shared, from: cursor) { [self] result in
            switch result {
            case .failure(let error): answer(.failure(error))
            case .success(let step):
                let all = found + step.found.compactMap(Keys.counter(sharedKey:))
                if step.cursor == 0 { return answer(.success(all)) }
                sharedCounters(from: step.cursor, all, answer)
            }
        }
    }
}
