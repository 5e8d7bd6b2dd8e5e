package import BudgetModel

/// Where a reservation was taken from: the tier, and a part for each counter. The service writes it, scripts pass it on;
/// `lua/hold.lua` describes the bytes.
package struct Origin: Sendable {
    package struct Part: Sendable {
        /// ``AllowanceUnit``'s code.
        package var unit: UInt8
        package var windowStart: Int64
        /// nil when the place in Redis names no counter of ours.
        package var counter: CounterKey?
        var isRolling: Bool
        var isRefill: Bool
    }
    package var tier: Identifier
    package var parts: [Part]

    private static let shared: UInt8 = 128
    private static let rolling: UInt8 = 64
    private static let refill: UInt8 = 32

    /// nil when the bytes are no origin.
    init?(_ bytes: [UInt8]) {
        var reader = Unpacker(bytes)
        tier = Identifier(String(decoding: reader.bytes(Int(reader.unsigned(2))), as: UTF8.self))
        parts = []
        for _ in 0..<reader.byte() {
            let code = reader.byte()
            let start = reader.time()
            let place = reader.bytes(Int(reader.unsigned(2)))
            parts.append(
                Part(
                    unit: code & (Self.refill - 1), windowStart: start,
                    counter: code & Self.shared != 0 ? Keys.counter(sharedKey: place) : Keys.counter(field: place),
                    isRolling: code & Self.rolling != 0, isRefill: code & Self.refill != 0))
        }
        guard !reader.isBroken, reader.isAtEnd else { return nil }
    }

    /// Writes what a hold of these counters remembers. A rolling window's start is known to the script alone: here stands its
    /// place among those that the script keeps, which it meets in the plan's order.
    static func append(tier: Identifier, _ indexes: [Int], of counters: [PlannedCounter], to bytes: inout [UInt8]) {
        bytes.appendShort(tier.text.utf8.count)
        bytes.append(contentsOf: tier.text.utf8)
        bytes.append(UInt8(indexes.count))
        for index in indexes {
            let counter = counters[index]
            let window = counter.allowance.window
            var code = counter.allowance.unit.code
            var start = counter.bounds?.start ?? 0
            if !counter.key.isPerUser { code |= shared }
            if window.isRefill { code |= refill }
            if window.isRolling {
                code |= rolling
                start = Int64(indexes.count { $0 < index && counters[$0].allowance.window.isRolling })
            }
            bytes.append(code)
            bytes.appendTime(start)
            let length = bytes.count
            bytes.appendShort(0)
            Keys.appendPlace(of: counter.key, to: &bytes)
            let place = bytes.count - length - 2
            bytes[length] = UInt8(truncatingIfNeeded: place)
            bytes[length + 1] = UInt8(truncatingIfNeeded: place >> 8)
        }
    }
}
