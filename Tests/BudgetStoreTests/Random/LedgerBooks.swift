import BudgetModel
import BudgetStore
import TestSupport

/// The books that the events alone make: what each counter's windows have used, and each reservation's story.
struct LedgerBooks {
    /// One window of one counter, in its place.
    struct Place: Hashable {
        /// The user's hash, empty for a shared counter.
        var key: [UInt8]
        var counter: CounterKey
        var windowStart: Int64
    }

    /// What the events say of one reservation or record.
    struct Story: Equatable, CustomStringConvertible {
        var kinds: [LedgerEvent.Kind: Int] = [:]
        var added = Movement()
        var isLate = false

        var description: String {
            let kinds = kinds.filter { $0.value > 0 }.map { "\($0.key)*\($0.value)" }.sorted().joined(separator: "+")
            return "\(kinds) \(added.input)/\(added.output)/\(added.cost)/\(added.requests) late=\(isLate)"
        }
    }

    private static let group = "books"
    private(set) var used: [Place: Int64] = [:]
    private(set) var stories: [String: Story] = [:]
    private(set) var unreadable = 0

    /// Books what has come since the last time, and confirms it.
    mutating func read(_ store: TestStore) async throws {
        if used.isEmpty { try await store.ledgerCreateGroups(Self.group) }
        while true {
            let entries = try await store.ledgerRead(group: Self.group, count: 500)
            if entries.isEmpty { return }
            for entry in entries { book(entry) }
            for ids in Dictionary(grouping: entries.map(\.id), by: \.partition).values {
                try await store.ledgerConfirm(ids, group: Self.group)
            }
        }
    }

    private mutating func book(_ entry: LedgerEntry) {
        if case .assignment = entry.content { return }
        guard case .event(let event) = entry.content else {
            unreadable += 1
            return
        }
        for movement in event.counters {
            let place = Place(
                key: movement.user.map(Keys.user) ?? [], counter: movement.counter, windowStart: movement.windowStart)
            used[place, default: 0] += movement.amount
        }
        guard !event.reservation.isEmpty else { return }
        var story = stories[event.reservation] ?? Story()
        story.kinds[event.kind, default: 0] += 1
        story.added.input += event.added.input
        story.added.output += event.added.output
        story.added.cost += event.added.cost
        story.added.requests += event.added.requests
        if event.kind == .commit { story.isLate = event.flags.contains(.late) }
        stories[event.reservation] = story
    }

    // MARK: I7

    /// Counters in Redis whose use is not the sum of their events. Refills are apart: what drains is no event.
    func differences(_ store: TestStore, users: [Identifier]) async throws -> [String] {
        var found: [String] = []
        for user in users {
            guard case .array(let items) = try await store.redis([Array("HGETALL".utf8), Keys.user(user)]) else { continue }
            for index in stride(from: 0, to: items.count - 1, by: 2) {
                guard case .bytes(let field) = items[index], case .bytes(let value) = items[index + 1],
                    let counter = Keys.counter(field: field)
                else { continue }
                found += difference(Keys.user(user), counter, value)
            }
        }
        guard case .array(let keys) = try await store.redis("KEYS", "tb:c:*") else { return found }
        for case .bytes(let key) in keys {
            guard case .bytes(let value) = try await store.redis([Array("GET".utf8), key]), let counter = Keys.counter(sharedKey: key)
            else { continue }
            found += difference([], counter, value)
        }
        return found
    }

    private func difference(_ key: [UInt8], _ counter: CounterKey, _ value: [UInt8]) -> [String] {
        guard let state = CounterState(value), state.drain == nil else { return [] }
        let told = used[Place(key: key, counter: counter, windowStart: state.start)] ?? 0
        guard told != state.used else { return [] }
        return ["  \(counter.name) \(counter.values) from \(state.start): used \(state.used), events tell \(told)"]
    }
}

extension LedgerBooks.Story {
    /// What the events must say of a reservation that the reference knows.
    init?(_ reservation: ReferenceReservation, checkpoints: Int) {
        let final = reservation.outcome
        let hasExpired = reservation.release == nil && (reservation.state == .expired || final?.answer.late ?? false)
        kinds = [
            .checkpoint: checkpoints, .commit: final == nil ? 0 : 1, .release: reservation.release == nil ? 0 : 1,
            .expiry: hasExpired ? 1 : 0,
        ]
        kinds = kinds.filter { $0.value > 0 }
        if kinds.isEmpty { return nil }
        if let booked = reservation.booked {
            added = Movement(input: booked.usage.input, output: booked.usage.output, cost: booked.cost ?? 0, requests: 1)
        }
        isLate = final?.answer.late ?? false
    }
}
