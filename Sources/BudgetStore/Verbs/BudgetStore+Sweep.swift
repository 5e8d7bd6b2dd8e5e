import BudgetModel
import BudgetScripts

/// Ends holds whose time is over.
extension BudgetStore {
    /// Sweeps one partition once. Answers how many holds it ended, at most ``StoreLimits/sweepBatch``.
    package func sweep(partition: Int, _ answer: @escaping Answer<Int>) {
        let batch = connection.limits.sweepBatch
        run(.sweep, keys: 1) { arguments in
            arguments.append(Keys.expiryIndex(partition: partition))
            arguments.append(String(batch))
        } _: { [self] result in
            answer(
                result.map { bytes in
                    var reader = Unpacker(bytes)
                    observe(storeTime: reader.time())
                    return Int(reader.unsigned(4))
                })
        }
    }

    /// Sweeps every partition, again while one of them had a full batch to end.
    package func sweepAll() {
        for partition in 0..<Keys.partitions { sweepUntilDone(partition) }
    }

    private func sweepUntilDone(_ partition: Int) {
        sweep(partition: partition) { [self] result in
            if case .success(let ended) = result, ended >= connection.limits.sweepBatch { sweepUntilDone(partition) }
        }
    }
}
