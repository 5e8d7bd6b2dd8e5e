import BudgetModel

/// What Redis itself says of its state. Asked by scrapes, never on the way of a decision.
extension BudgetStore {
    /// How many reservations are open, of all nodes.
    package func openHolds(_ answer: @escaping Answer<Int64>) {
        let count = HoldCount(answer)
        for partition in 0..<Keys.partitions {
            var command = Command("ZCARD")
            command.append(Keys.expiryIndex(partition: partition))
            connection.send(command, inBackground: true) { count.take($0) }
        }
    }

    package func status(_ answer: @escaping Answer<StoreStatus>) {
        connection.send(Command("INFO"), inBackground: true) { result in
            answer(result.mapError(BudgetError.store).map { StoreStatus(info: $0.text ?? "") })
        }
    }
}

/// Adds up the partitions' answers; the first that fails is the answer.
private final class HoldCount {
    private var sum: Int64 = 0
    private var missing = Keys.partitions
    private var answer: BudgetStore.Answer<Int64>?

    init(_ answer: @escaping BudgetStore.Answer<Int64>) { self.answer = answer }

    func take(_ result: Result<Reply, StoreFault>) {
        switch result {
        case .success(.integer(let count)):
            sum += count
            missing -= 1
            if missing == 0 { finish(.success(sum)) }
        case .success: finish(.failure(.store(.corrupt("an expiry index is no sorted set"))))
        case .failure(let fault): finish(.failure(.store(fault)))
        }
    }

    private func finish(_ result: Result<Int64, BudgetError>) {
        answer?(result)
        answer = nil
    }
}

/// From Redis' `INFO`; whatever it does not say is nil.
package struct StoreStatus: Sendable, Equatable {
    package var version: String?
    /// Bytes.
    package var memory: Int64?
    /// `maxmemory`, bytes; nil without one.
    package var memoryLimit: Int64?

    package init(info: String) {
        for line in info.split(whereSeparator: \.isNewline) {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else { continue }
            switch parts[0] {
            case "redis_version": version = String(parts[1])
            case "used_memory": memory = Int64(parts[1])
            case "maxmemory": memoryLimit = Int64(parts[1]).flatMap { $0 > 0 ? $0 : nil }
            default: break
            }
        }
    }
}
