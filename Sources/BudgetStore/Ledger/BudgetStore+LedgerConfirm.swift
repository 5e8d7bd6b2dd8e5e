package import BudgetModel
import BudgetScripts

/// What the ledger has booked for good.
extension BudgetStore {
    /// Confirms entries of one partition, in ascending order: they are not given out again, and everything before the first that is
    /// not confirmed yet leaves the store. Confirming twice is no mistake.
    /// - Parameter answer: gets how many entries left the store.
    package func ledgerConfirm(_ ids: [EventID], group: String, _ answer: @escaping Answer<Int>) {
        guard let partition = ids.first?.partition else { return answer(.success(0)) }
        precondition(ids.allSatisfy { $0.partition == partition }, "entries of one partition are confirmed at a time")
        let batch = ids.prefix(connection.limits.confirmedEntries)
        run(.confirm, keys: 1) { arguments in
            arguments.append(Keys.stream(partition: partition))
            arguments.append(group)
            for id in batch { arguments.append(id.entry) }
        } _: { [self] result in
            switch result {
            case .failure(let error): answer(.failure(error))
            case .success(let bytes):
                var reader = Unpacker(bytes)
                let dropped = Int(reader.time())
                guard batch.count < ids.count else { return answer(.success(dropped)) }
                ledgerConfirm(Array(ids.dropFirst(batch.count)), group: group) { rest in answer(rest.map { $0 + dropped }) }
            }
        }
    }
}
