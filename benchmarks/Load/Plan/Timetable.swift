/// How arrivals are spread in time.
enum Arrivals: Hashable, Sendable {
    case poisson, constant
    /// So many at once, then none until the rate is kept.
    case burst(size: Int)
}

/// A stretch of time with one rate: the whole run, or a step of a ramp. Nanoseconds from the start of the run.
struct Stretch: Hashable, Sendable {
    var start: Int64
    var end: Int64
    /// Requests per second.
    var rate: Double
}

/// When requests are due, in nanoseconds from the start. Nothing that happens in the run changes it: that is what makes the
/// load open-loop.
struct Timetable: Sendable {
    private enum Source {
        case drawn(Arrivals)
        /// In their order.
        case listed([Int64])
    }

    private let source: Source
    private var stretches: ArraySlice<Stretch>
    private var random: Random
    /// Requests still allowed.
    private var left: Int
    /// Requests of this stretch so far; of a list, of all.
    private var number = 0
    private var last: Double

    /// - Parameter limit: how many requests at most.
    init(_ arrivals: Arrivals, _ stretches: [Stretch], limit: Int, seed: UInt64) {
        source = .drawn(arrivals)
        self.stretches = stretches[...]
        random = Random(seed: seed)
        left = limit
        last = Double(stretches.first?.start ?? 0)
    }

    /// - Parameter times: of a trace, rising.
    init(times: [Int64], until end: Int64, limit: Int) {
        source = .listed(times)
        stretches = [Stretch(start: 0, end: end, rate: 0)]
        random = Random(seed: 0)
        left = limit
        last = 0
    }

    /// The next request's time; nil when there is none. Never earlier than the one before.
    mutating func next() -> Int64? {
        guard left > 0 else { return nil }
        while let stretch = stretches.first {
            if let due = candidate(stretch), due < stretch.end {
                left -= 1
                number += 1
                return due
            }
            stretches.removeFirst()
            number = 0
            last = Double(stretches.first?.start ?? 0)
        }
        return nil
    }

    mutating func stop() { left = 0 }

    private mutating func candidate(_ stretch: Stretch) -> Int64? {
        let gap = 1e9 / stretch.rate
        switch source {
        case .listed(let times): return number < times.count ? times[number] : nil
        // From the number, not from the time before: rounding must not add up.
        case .drawn(.constant): return stretch.start + Int64(Double(number) * gap)
        case .drawn(.burst(let size)): return stretch.start + Int64(Double(number / size * size) * gap)
        case .drawn(.poisson):
            last += random.exponential(mean: gap)
            return Int64(last)
        }
    }
}
