import BudgetModel

/// How often which amounts occur. Amounts up to 1,023 are told apart exactly, larger ones to a thousandth: memory stays flat, however
/// many there are.
struct Distribution: Sendable {
    private var counts: [Int64: Int64] = [:]
    private(set) var count: Int64 = 0
    private(set) var sum: Int64 = 0
    private(set) var largest: Int64 = 0

    mutating func add(_ amount: Int64) {
        counts[Self.bucket(amount), default: 0] += 1
        count += 1
        sum.addSaturating(amount)
        largest = max(largest, amount)
    }

    /// 0 of nothing; cut off.
    var mean: Int64 { count > 0 ? sum / count : 0 }

    /// The amount that `percent` of all do not pass, by nearest rank, rounded down to its bucket; 0 of nothing.
    func percentile(_ percent: Int64) -> Int64 {
        let rank = max((Int64(clamping: Int128(count) * Int128(percent) + 99)) / 100, 1)
        var seen: Int64 = 0
        for (amount, count) in counts.sorted(by: { $0.key < $1.key }) {
            seen += count
            if seen >= rank { return amount }
        }
        return 0
    }

    /// By how much amounts pass `bound`, all together.
    func sum(above bound: Int64) -> Int64 {
        counts.reduce(into: 0) { sum, entry in
            if entry.key > bound { sum.addSaturating(Int64(clamping: Int128(entry.key - bound) * Int128(entry.value))) }
        }
    }

    /// How many pass `bound`.
    func count(above bound: Int64) -> Int64 { counts.reduce(0) { $1.key > bound ? $0 + $1.value : $0 } }

    /// The smallest amount of the bucket: its ten leading binary digits.
    static func bucket(_ amount: Int64) -> Int64 {
        guard amount > 1_023 else { return max(amount, 0) }
        let shift = 54 - amount.leadingZeroBitCount
        return (amount >> shift) << shift
    }
}
