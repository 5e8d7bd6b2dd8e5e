import BudgetModel
import BudgetStore
import TestSupport

/// Counters read straight from Redis' keys, past the service.
enum StoredCounters {
    /// Counters that count something at `now`: name, values and window start -> `used+held`.
    static func read(_ store: TestStore, users: [Identifier], at now: Int64) async throws -> [String: String] {
        var counters: [String: String] = [:]
        for user in users {
            guard case .array(let items) = try await store.redis([Array("HGETALL".utf8), Keys.user(user)]) else { continue }
            for index in stride(from: 0, to: items.count - 1, by: 2) {
                guard case .bytes(let field) = items[index], case .bytes(let value) = items[index + 1],
                    let key = Keys.counter(field: field)
                else { continue }
                add(key, value, user: user, now, to: &counters)
            }
        }
        guard case .array(let keys) = try await store.redis("KEYS", "tb:c:*") else { return counters }
        for case .bytes(let name) in keys {
            guard case .bytes(let value) = try await store.redis([Array("GET".utf8), name]), let key = Keys.counter(sharedKey: name)
            else { continue }
            add(key, value, user: nil, now, to: &counters)
        }
        return counters
    }

    private static func add(
        _ key: CounterKey, _ value: [UInt8], user: Identifier?, _ now: Int64, to counters: inout [String: String]
    ) {
        guard let stored = CounterState(value) else { return counters["\(key.name)"] = "unreadable" }
        // A refill's finish is only when it may be forgotten; its use drains until then.
        let counter = stored.drain == nil ? stored : stored.draining(to: now)
        let isOver = stored.drain == nil && stored.finish <= now && !(stored.start == 0 && stored.held > 0)
        guard !isOver, counter.used != 0 || counter.held != 0 else { return }
        let values = ([user].compactMap { $0 } + key.values).map(escaped).joined(separator: ",")
        counters["\(key.name)#\(key.identity)[\(values)]"] = "\(counter.used)+\(counter.held)"
    }

    /// The same name for a counter of the reference.
    static func name(_ key: ReferenceCounterKey) -> String {
        var allowance = Allowance.example(name: key.name, unit: key.unit, window: key.window)
        allowance.timeZone = key.zone
        allowance.per = key.per
        let user = key.per.firstIndex(of: .user).map { key.values[$0] }
        let rest = zip(key.per, key.values).filter { $0.0 != .user }.map { $0.1 }
        let values = ([user].compactMap { $0 } + rest).map(escaped).joined(separator: ",")
        return "\(key.name)#\(CounterKey.identity(of: allowance))[\(values)]"
    }

    /// NFC and NFD forms are one key of a Swift dictionary; their bytes are not.
    private static func escaped(_ id: Identifier) -> String { id.text.utf8.map { String($0, radix: 16) }.joined() }
}
