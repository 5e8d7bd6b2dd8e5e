import BudgetModel
import BudgetScripts

/// What whoever keeps the ledger asks of the store: events as they come, in the order of each partition, each again until confirmed.
extension BudgetStore {
    /// Makes the consumer group in every partition, from its first event on; those that have it keep it.
    package func ledgerCreateGroups(_ group: String, _ answer: @escaping Answer<Void>) {
        run(.groups, keys: Keys.partitions) { arguments in
            for partition in 0..<Keys.partitions { arguments.append(Keys.stream(partition: partition)) }
            arguments.append(group)
        } _: {
            answer($0.map { _ in })
        }
    }

    /// The next events of these partitions, at most `count` of each; empty when there are none.
    /// - Parameter pending: those that were given to `consumer` before and not confirmed, instead of new ones. Who begins, or has
    ///   failed, asks for them first and confirms what it got, until there are none: what was given and lost on the way is among
    ///   them. One name for every consumer of the group leaves none behind.
    package func ledgerRead(
        _ partitions: [Int], group: String, consumer: String, count: Int, pending: Bool, _ answer: @escaping Answer<[LedgerEntry]>
    ) {
        var command = Command("XREADGROUP", "GROUP", group, consumer, "COUNT", String(count), "STREAMS")
        for partition in partitions { command.append(Keys.stream(partition: partition)) }
        for _ in partitions { command.append(pending ? "0" : ">") }
        connection.send(command, inBackground: true) { [self] result in
            switch result {
            case .failure(let fault): answer(.failure(.store(fault)))
            case .success(let reply):
                guard let entries = entries(reply) else {
                    return answer(.failure(.store(.corrupt("XREADGROUP answers something else"))))
                }
                learn(Set(entries.compactMap(\.attribution))) { [self] result in
                    answer(result.map { entries.map { $0.entry(attributions) } })
                }
            }
        }
    }

    private func entries(_ reply: Reply) -> [StreamEntry]? {
        if case .null = reply { return [] }
        guard case .array(let streams) = reply else { return nil }
        var entries: [StreamEntry] = []
        for case .array(let stream) in streams {
            guard stream.count == 2, case .bytes(let key) = stream[0], let partition = Keys.partition(stream: key),
                case .array(let items) = stream[1]
            else { return nil }
            for item in items {
                guard let entry = StreamEntry(item, partition: partition, &origins) else { return nil }
                entries.append(entry)
            }
        }
        return entries
    }

    /// How far the ledger is behind: what waits in all streams.
    package func ledgerLag(_ answer: @escaping Answer<LedgerLag>) {
        let gathering = Gathering(Keys.partitions, answer, LedgerLag.none)
        for partition in 0..<Keys.partitions {
            var count = Command("XLEN")
            count.append(Keys.stream(partition: partition))
            var first = Command("XRANGE")
            first.append(Keys.stream(partition: partition))
            for word in ["-", "+", "COUNT", "1"] { first.append(word) }
            var entries: Int64 = 0
            connection.send(count, inBackground: true) { if case .success(.integer(let length)) = $0 { entries = length } }
            connection.send(first, inBackground: true) { result in
                gathering.take(result.map { LedgerLag(entries: entries, first: $0) }.mapError(BudgetError.store)) { $0.add($1) }
            }
        }
    }
}

/// Events that are not in the ledger yet.
package struct LedgerLag: Hashable, Sendable {
    package private(set) var entries: Int64 = 0
    /// When the oldest was written, milliseconds since 1970; nil without any.
    package private(set) var oldest: Int64?

    package static let none = LedgerLag()

    private init() {}

    /// - Parameter first: the first entry of a stream, or none.
    init(entries: Int64, first: Reply) {
        self.entries = entries
        guard case .array(let items) = first, case .array(let entry)? = items.first else { return }
        oldest = entry.first?.text.flatMap { EventID($0, partition: 0) }?.milliseconds
    }

    mutating func add(_ other: LedgerLag) {
        entries += other.entries
        oldest = [oldest, other.oldest].compactMap { $0 }.min()
    }
}
