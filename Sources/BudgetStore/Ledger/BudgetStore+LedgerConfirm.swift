package import BudgetModel
import BudgetScripts

/// What the ledger has booked for good, and who keeps it.
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

    /// Takes the lease of the ledger while nobody has it, or keeps it for as long again.
    /// - Parameter time: milliseconds until it is anybody's.
    /// - Parameter answer: gets who has it now.
    package func ledgerLease(_ node: String, for time: Int64, _ answer: @escaping Answer<String>) {
        lease(node, String(max(time, 1))) { answer($0.map { $0 ?? "" }) }
    }

    /// Gives the lease back, if this node has it.
    package func ledgerGiveBack(_ node: String, _ answer: @escaping Answer<Void>) { lease(node, "0") { answer($0.map { _ in }) } }

    private func lease(_ node: String, _ time: String, _ answer: @escaping Answer<String?>) {
        run(.lease, keys: 1) { arguments in
            for word in [Keys.lease, node, time] { arguments.append(word) }
        } _: { result in
            answer(result.map { $0.isEmpty ? nil : String(decoding: $0, as: UTF8.self) })
        }
    }
}
