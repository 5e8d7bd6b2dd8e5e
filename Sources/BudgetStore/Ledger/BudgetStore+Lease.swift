package import BudgetModel
import BudgetScripts

/// Who keeps the ledger, and whether the store has all its data.
extension BudgetStore {
    /// Takes the lease of the ledger while nobody has it, or keeps it for as long again; tells how the store stands.
    /// - Parameters:
    ///   - node: tells this process apart from every other; no blanks.
    ///   - ledger: the id of its ledger: a store that has another's is not its to keep.
    ///   - time: milliseconds until the lease is anybody's.
    ///   - claims: whether it may keep a store that has no epoch.
    package func ledgerLease(
        _ node: String, of ledger: String, for time: Int64, claims: Bool, _ answer: @escaping Answer<LedgerView>
    ) {
        lease(node, ledger, String(max(time, 1)), claims, answer)
    }

    /// Gives the lease back, if this node has it.
    package func ledgerGiveBack(_ node: String, _ answer: @escaping Answer<Void>) {
        lease(node, "", "0", false) { answer($0.map { _ in }) }
    }

    private func lease(
        _ node: String, _ ledger: String, _ time: String, _ claims: Bool, _ answer: @escaping Answer<LedgerView>
    ) {
        run(.lease, keys: 2 + Keys.partitions) { arguments in
            arguments.append(Keys.lease)
            arguments.append(Keys.epoch)
            for partition in 0..<Keys.partitions { arguments.append(Keys.stream(partition: partition)) }
            for word in [node, time, ledger, claims ? "1" : "0"] { arguments.append(word) }
        } _: { [self] result in
            answer(
                result.flatMap { bytes in
                    guard let view = LedgerView(String(decoding: bytes, as: UTF8.self)) else {
                        return .failure(.store(.corrupt("the lease script answers something else")))
                    }
                    observe(storeTime: view.time)
                    return .success(view)
                })
        }
    }

    /// Writes the epoch in the place of `old`, or (nil) takes it away: from then on nothing is decided anywhere.
    /// - Parameters:
    ///   - node: must have the lease.
    ///   - marks: of each partition the last event that the ledger has: later ones get later ids, whatever became of the stream.
    /// - Parameter answer: gets whether it was done.
    package func ledgerEpoch(
        _ epoch: StoreEpoch?, inPlaceOf old: StoreEpoch?, by node: String, marks: [EventID], _ answer: @escaping Answer<Bool>
    ) {
        run(.epoch, keys: 2 + Keys.partitions) { arguments in
            arguments.append(Keys.epoch)
            arguments.append(Keys.lease)
            for partition in 0..<Keys.partitions { arguments.append(Keys.stream(partition: partition)) }
            for word in [node, old?.description ?? "", epoch?.description ?? ""] { arguments.append(word) }
            for partition in 0..<Keys.partitions {
                arguments.append(marks.first { $0.partition == partition }?.entry ?? "0-0")
            }
        } _: {
            answer($0.map { $0 == [UInt8(ascii: "k")] })
        }
    }
}

/// How the store stands to its ledger, at one moment.
package struct LedgerView: Sendable {
    /// The node that has the lease; empty for none.
    package var keeper = ""
    package var epoch: StoreEpoch?
    /// Milliseconds since 1970.
    package var time: Int64 = 0
    /// The last id that each stream ever gave, by partition; empty unless the asking node is the keeper.
    package var tips: [EventID] = []

    /// - Parameter text: the script's answer.
    init?(_ text: String) {
        let words = text.split(separator: " ")
        guard words.count == 3 || words.count == 3 + Keys.partitions, let time = Int64(words[2]) else { return nil }
        keeper = words[0] == "-" ? "" : String(words[0])
        epoch = StoreEpoch(String(words[1]))
        self.time = time
        tips = words.dropFirst(3).enumerated().compactMap { EventID(String($1), partition: $0) }
    }
}
