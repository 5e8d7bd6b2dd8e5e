import BudgetModel
import BudgetScripts

/// Ends holds whose time is over.
extension BudgetStore {
    /// Sweeps one partition once. Answers how many holds were due, at most ``StoreLimits/sweepBatch``.
    package func sweep(partition: Int, _ answer: @escaping Answer<Int>) {
        sweepTellingTime(partition: partition) { answer($0.map(\.due)) }
    }

    /// The same, with the store's time.
    func sweepTellingTime(partition: Int, _ answer: @escaping Answer<(due: Int, time: Int64)>) {
        let batch = connection.limits.sweepBatch
        run(.sweep, keys: 2) { arguments in
            arguments.append(Keys.expiryIndex(partition: partition))
            arguments.append(Keys.stream(partition: partition))
            arguments.append(String(batch))
        } _: { [self] result in
            answer(
                result.map { bytes in
                    var reader = Unpacker(bytes)
                    let time = reader.time()
                    observe(storeTime: time)
                    let due = Int(reader.unsigned(4))
                    tally.holdsExpired += Int64(reader.unsigned(4))
                    return (due, time)
                })
        }
    }

    /// Sweeps every partition, again while one of them had a full batch to end. Holds of a store that lost data may long have ended:
    /// they are left alone until that is known.
    package func sweepAll() {
        guard watch.isWhole else { return }
        for partition in 0..<Keys.partitions { sweepUntilDone(partition) }
    }

    private func sweepUntilDone(_ partition: Int) {
        sweep(partition: partition) { [self] result in
            if case .success(let due) = result, due >= connection.limits.sweepBatch { sweepUntilDone(partition) }
        }
    }
}
