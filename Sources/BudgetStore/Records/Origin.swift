package import BudgetModel

/// Where a reservation was taken from: the tier, and a part for each counter. The service writes it, scripts pass it on;
/// `lua/hold.lua` describes the bytes.
package final class Origin: Sendable {
    package struct Part: Sendable {
        /// ``AllowanceUnit``'s code.
        package var unit: UInt8
        package var windowStart: Int64
        /// nil when the place in Redis names no counter of ours.
        package var counter: CounterKey?
        var isRolling: Bool
        var isRefill: Bool
    }
    package let tier: Identifier
    package let parts: [Part]

    private static let shared: UInt8 = 128
    private static let rolling: UInt8 = 64
    private static let refill: UInt8 = 32

    /// nil when the bytes are no origin.
    init?(_ bytes: [UInt8]) {
        var reader = Unpacker(bytes)
        _ = reader.byte()  // whether it is plain: the scripts' affair
        let count = Int(reader.byte())
        let ownCount = Int(reader.byte())
        let codes = reader.bytes(count)
        let starts = (0..<count).map { _ in reader.time() }
        guard codes.count == count, codes.count(where: { $0 & Self.shared == 0 }) == ownCount else { return nil }
        let places = (0..<count).map { _ in reader.bytes(Int(reader.unsigned(2))) }
        var (own, common) = (places[..<ownCount], places[ownCount...])
        let parts = codes.indices.map { index in
            let code = codes[index]
            let place = (code & Self.shared == 0 ? own.popFirst() : common.popFirst()) ?? []
            return Part(
                unit: code & (Self.refill - 1), windowStart: starts[index],
                counter: code & Self.shared != 0 ? Keys.counter(sharedKey: place) : Keys.counter(field: place),
                isRolling: code & Self.rolling != 0, isRefill: code & Self.refill != 0)
        }
        let tier = Identifier(String(decoding: reader.bytes(Int(reader.unsigned(2))), as: UTF8.self))
        guard !reader.isBroken, reader.isAtEnd else { return nil }
        self.tier = tier
        self.parts = parts
    }

    /// Writes what a hold of these counters remembers. A rolling window's start is known to the script alone: here stands its
    /// place among those that the script keeps, which it meets in the plan's order.
    static func append(tier: Identifier, _ indexes: [Int], of counters: [PlannedCounter], to bytes: inout ByteWriter) {
        let isPlain = indexes.allSatisfy { !counters[$0].allowance.window.isRolling && !counters[$0].allowance.window.isRefill }
        bytes.append(isPlain ? 1 : 0)
        bytes.append(UInt8(indexes.count))
        let (own, common) = (indexes.filter { counters[$0].key.isPerUser }, indexes.filter { !counters[$0].key.isPerUser })
        bytes.append(UInt8(own.count))
        for index in indexes { bytes.append(code(of: counters[index])) }
        for index in indexes { bytes.append(time: start(of: index, indexes, counters)) }
        for index in own + common {
            let place = Keys.place(of: counters[index].key)
            bytes.append(uint16: place.count)
            bytes.append(place)
        }
        bytes.append(uint16: tier.text.utf8.count)
        bytes.append(utf8: tier.text)
    }

    private static func code(of counter: PlannedCounter) -> UInt8 {
        let window = counter.allowance.window
        return counter.allowance.unit.code | (counter.key.isPerUser ? 0 : shared) | (window.isRolling ? rolling : 0)
            | (window.isRefill ? refill : 0)
    }

    private static func start(of index: Int, _ indexes: [Int], _ counters: [PlannedCounter]) -> Int64 {
        guard counters[index].allowance.window.isRolling else { return counters[index].bounds?.start ?? 0 }
        return Int64(indexes.count { $0 < index && counters[$0].allowance.window.isRolling })
    }
}

/// Origins that one event loop has read: nearly all reservations share a few.
struct OriginMemory {
    private var known: [OriginBytes: Origin] = [:]
    /// One more, and all are forgotten.
    private static let maximum = 1_024

    mutating func origin(_ bytes: [UInt8]) -> Origin? {
        let key = OriginBytes(bytes: bytes)
        if let origin = known[key] { return origin }
        guard let origin = Origin(bytes) else { return nil }
        if known.count >= Self.maximum { known.removeAll(keepingCapacity: true) }
        known[key] = origin
        return origin
    }
}

/// An origin's bytes, hashed as one piece: an array hashes each of its elements.
private struct OriginBytes: Hashable {
    let bytes: [UInt8]

    func hash(into hasher: inout Hasher) { bytes.withUnsafeBytes { hasher.combine(bytes: $0) } }
}
