package import BudgetModel

/// A counter's key as the ledger stores it: its parts, each after its length, so that no two keys are one text.
package struct CounterName: Hashable, Sendable {
    package let key: CounterKey
    package let unit: AllowanceUnit

    package init(_ key: CounterKey, _ unit: AllowanceUnit) {
        self.key = key
        self.unit = unit
    }

    var bytes: [UInt8] {
        var bytes: [UInt8] = [unit.code, key.isPerUser ? 1 : 0]
        for part in [key.name.text, key.identity] + key.values.map(\.text) {
            let length = part.utf8.count
            bytes += [UInt8(length >> 8), UInt8(length & 255)]
            bytes += part.utf8
        }
        return bytes
    }

    init?(bytes: [UInt8]) {
        guard bytes.count > 2, let unit = AllowanceUnit.allCases.first(where: { $0.code == bytes[0] }) else { return nil }
        var parts: [String] = []
        var at = 2
        while at + 2 <= bytes.count {
            let end = at + 2 + (Int(bytes[at]) << 8 | Int(bytes[at + 1]))
            guard end <= bytes.count else { return nil }
            parts.append(String(decoding: bytes[(at + 2)..<end], as: UTF8.self))
            at = end
        }
        guard at == bytes.count, parts.count >= 2 else { return nil }
        self.unit = unit
        key = CounterKey(
            name: Identifier(parts[0]), identity: parts[1], isPerUser: bytes[1] == 1,
            values: parts.dropFirst(2).map { Identifier($0) })
    }
}

extension CounterName: Interned {
    static let table = "counters"
    static let column = "name"
    static let others = ["unit"]
    var stored: SQLValue { .bytes(bytes) }
    var otherValues: [SQLValue] { [.integer(Int64(unit.code))] }

    init?(_ row: any SQLRow, column: Int) {
        guard let bytes = row.bytes(column) else { return nil }
        self.init(bytes: bytes)
    }
}
