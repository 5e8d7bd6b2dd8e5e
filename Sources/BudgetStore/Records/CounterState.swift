package import BudgetModel

/// A counter as it rests in Redis; `lua/counter.lua` describes the bytes.
package struct CounterState: Hashable, Sendable {
    package var start: Int64
    package var finish: Int64
    package var used: Int64
    package var held: Int64
    /// What drained of a refill's next whole unit, in 1/period of the unit.
    package var carry: Int64
    /// How a refill counter drains; nil for the others.
    package var drain: (limit: Int64, rate: RefillRate)?

    /// nil when the bytes are no counter.
    package init?(_ bytes: [UInt8]) {
        var reader = Unpacker(bytes)
        self.init(&reader, length: bytes.count)
    }

    /// Reads one counter of a script's answer; nil for one that is missing there (all zeros) or cannot be read.
    init?(_ reader: inout Unpacker, isRefill: Bool) {
        self.init(&reader, length: isRefill ? Self.refillLength : Self.length)
    }

    private static let length = 28
    private static let refillLength = 60

    private init?(_ reader: inout Unpacker, length: Int) {
        guard length == Self.length || length == Self.refillLength else { return nil }
        start = reader.time()
        finish = reader.time()
        used = reader.double()
        held = reader.double()
        carry = 0
        if length == Self.refillLength {
            carry = reader.double()
            let limit = reader.double()
            drain = (limit, RefillRate(period: reader.double(), step: reader.double()))
        }
        guard !reader.isBroken, drain.map({ $0.rate.step > 0 && $0.rate.period > 0 && $0.limit >= 0 }) ?? true else { return nil }
    }

    package static func == (a: CounterState, b: CounterState) -> Bool {
        a.start == b.start && a.finish == b.finish && a.used == b.used && a.held == b.held && a.carry == b.carry
            && a.drain?.limit == b.drain?.limit && a.drain?.rate == b.drain?.rate
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(start)
        hasher.combine(used)
        hasher.combine(held)
    }

    /// When a refill counter has drained `amount`, milliseconds since 1970; nil if it never will.
    func drained(_ amount: Int64) -> Int64? {
        guard let drain else { return nil }
        guard amount > 0 else { return start }
        guard drain.limit > 0 else { return nil }
        let owed = Int128(amount) * Int128(drain.rate.period) - Int128(carry)
        let steps = (owed + Int128(drain.limit) - 1) / Int128(drain.limit)
        return Int64(clamping: Int128(start) + steps * Int128(drain.rate.step))
    }

    /// The counter after what drained up to `now`: the same arithmetic as `drain` in `lua/counter.lua`.
    package func draining(to now: Int64) -> CounterState {
        guard let drain else { return self }
        let steps = (now - start) / drain.rate.step
        guard steps > 0 else { return self }
        var counter = self
        counter.start += steps * drain.rate.step
        let (gone, rest) = (Int128(steps) * Int128(drain.limit) + Int128(carry)).quotientAndRemainder(
            dividingBy: Int128(drain.rate.period))
        if gone >= Int128(used) {
            counter.used = 0
            counter.carry = 0
        } else {
            counter.used -= Int64(gone)
            counter.carry = Int64(rest)
        }
        return counter
    }

    /// When the window ends or the bucket is full, as answers show it: a full bucket is full now, and a rolling window that has
    /// not begun (its `finish` is 0) has no end.
    func resets(_ window: Window, now: Int64) -> Int64? {
        switch window {
        case .minute, .hour, .day, .week, .month: finish
        case .rolling: finish == 0 ? nil : finish
        case .refill: used == 0 ? now : drained(used)
        case .lifetime, .none: nil
        }
    }

    /// Whether the counter still counts at `now`: its window is not over.
    func isLive(_ window: Window, now: Int64) -> Bool {
        switch window {
        case .minute, .hour, .day, .week, .month, .rolling: now < finish
        case .lifetime: now < finish || held > 0
        case .refill, .none: true
        }
    }
}

extension CounterState {
    /// A counter with this much used and nothing held.
    /// - Parameter drain: how it drains, of a refill.
    package init(start: Int64, finish: Int64, used: Int64, drain: (limit: Int64, rate: RefillRate)? = nil) {
        (self.start, self.finish, self.used, self.drain) = (start, finish, used, drain)
        (held, carry) = (0, 0)
    }

    /// As it rests in Redis.
    var bytes: [UInt8] {
        var bytes = ByteWriter()
        bytes.append(time: start)
        bytes.append(time: drain == nil ? finish : drained(used).map { $0 + (drain?.rate.step ?? 0) } ?? .max)
        bytes.append(double: used)
        bytes.append(double: held)
        guard let drain else { return bytes.bytes }
        for number in [carry, drain.limit, drain.rate.period, drain.rate.step] { bytes.append(double: number) }
        return bytes.bytes
    }
}
