package import BudgetModel

/// Where a counter counts: in one of its windows.
package struct CounterWindow: Hashable, Sendable {
    package var counter: CounterKey
    /// nil of a shared one.
    package var user: Identifier?
    /// When the window began, milliseconds; 0 for lifetime, refill and in_flight, as events tell it.
    package var start: Int64

    package init(_ counter: CounterKey, of user: Identifier?, start: Int64) {
        self.counter = counter
        self.user = counter.isPerUser ? user : nil
        self.start = start
    }
}

/// Some counters and all that bears on them, as Redis had it at one moment.
package struct CounterSnapshot: Sendable {
    /// The store's time, milliseconds since 1970.
    package private(set) var time: Int64 = 0
    /// Events that were written and not confirmed, each partition's in its order.
    package private(set) var waiting: [LedgerEntry] = []
    package private(set) var counters: [CounterWindow: CounterState] = [:]
    /// What open reservations hold, in the counters' units.
    package private(set) var held: [CounterWindow: Int64] = [:]
    /// Open reservations that were looked at.
    package private(set) var reservations = 0
    /// Counters, reservations and events that nobody can read.
    package private(set) var unreadable = 0

    /// Reads what `lua/audit.lua` answers behind its first letter.
    /// - Parameters:
    ///   - partitions: whose streams it looked at, in order.
    ///   - users: whose hashes, in order; nil for shared counters.
    init?(_ reader: inout Unpacker, partitions: [Int], users: [Identifier]?, _ origins: inout OriginMemory) {
        time = reader.time()
        let (events, holds) = (reader.list(), reader.list())
        readEvents(events, partitions, &origins)
        for pair in stride(from: 0, to: holds.count - 1, by: 2) { add(hold: holds[pair + 1], key: holds[pair], &origins) }
        if let users {
            for user in users { add(reader.list(), of: user) }
        } else {
            add(reader.list(), of: nil)
        }
        guard !reader.isBroken, reader.isAtEnd else { return nil }
    }

    private mutating func readEvents(_ items: [[UInt8]], _ partitions: [Int], _ origins: inout OriginMemory) {
        var at = 0
        while at + 2 < items.count {
            guard let index = items[at].number, let words = items[at + 2].number, at + 3 + words <= items.count else {
                unreadable += 1
                return
            }
            let reply = Reply.array([
                .bytes(items[at + 1]), .array(items[(at + 3)..<(at + 3 + words)].map(Reply.bytes)),
            ])
            if let entry = StreamEntry(reply, partition: partitions[index], &origins)?.entry([:]) {
                waiting.append(entry)
                if case .unreadable = entry.content { unreadable += 1 }
            }
            at += 3 + words
        }
    }

    private mutating func add(hold record: [UInt8], key: [UInt8], _ origins: inout OriginMemory) {
        guard let hold = HoldRecord(record, &origins), let user = Keys.user(member: Keys.member(reservationKey: key)) else {
            unreadable += 1
            return
        }
        guard hold.state == .open else { return }
        reservations += 1
        for part in hold.parts {
            guard let counter = part.counter, let unit = AllowanceUnit(code: part.unit) else { continue }
            held[CounterWindow(counter, of: user, start: part.isRefill ? 0 : part.windowStart), default: 0] += hold.stillHeld(unit)
        }
    }

    private mutating func add(_ items: [[UInt8]], of user: Identifier?) {
        for pair in stride(from: 0, to: items.count - 1, by: 2) {
            let key = user == nil ? Keys.counter(sharedKey: items[pair]) : Keys.counter(field: items[pair])
            guard let key else { continue }
            guard let counter = CounterState(items[pair + 1]) else {
                unreadable += 1
                continue
            }
            counters[CounterWindow(key, of: user, start: counter.drain == nil ? counter.start : 0)] = counter
        }
    }
}

extension HoldRecord {
    /// What an open reservation still holds of a unit: what it took, less what checkpoints have booked.
    fileprivate func stillHeld(_ unit: AllowanceUnit) -> Int64 {
        switch unit {
        case .tokens: max(input + output - bookedInput - bookedOutput, 0)
        case .inputTokens: max(input - bookedInput, 0)
        case .outputTokens: max(output - bookedOutput, 0)
        case .usd: max((cost ?? 0) - (bookedCost ?? 0), 0)
        case .requests: max(1 - Int64(requests), 0)
        case .inFlight: 1
        }
    }
}

extension Unpacker {
    /// A length, then as many items, each behind its own.
    fileprivate mutating func list() -> [[UInt8]] {
        var items: [[UInt8]] = []
        for _ in 0..<unsigned(4) where !isBroken { items.append(bytes(Int(unsigned(4)))) }
        return items
    }
}

extension [UInt8] {
    fileprivate var number: Int? { Int(String(decoding: self, as: UTF8.self)) }
}
