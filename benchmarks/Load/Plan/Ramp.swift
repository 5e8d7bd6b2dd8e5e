import CommandSupport

/// A load that grows by steps: `from=2000,to=40000,step=2000,each=5s`.
struct Ramp: Hashable, Sendable {
    /// Requests per second.
    let from: Double
    let to: Double
    let step: Double
    /// Seconds of each step.
    let each: Double

    init?(_ text: String) {
        var values: [Substring: Double] = [:]
        for part in text.split(separator: ",") {
            let pair = part.split(separator: "=", maxSplits: 1)
            guard pair.count == 2, values[pair[0]] == nil else { return nil }
            let text = String(pair[1])
            guard let value = pair[0] == "each" ? TimeSpan(argument: text)?.seconds : Double(text) else { return nil }
            values[pair[0]] = value
        }
        guard values.count == 4, let from = values["from"], let to = values["to"], let step = values["step"],
            let each = values["each"], from > 0, step > 0, to >= from, to <= LoadLimits.rate, each >= 1,
            (to - from) / step < Double(LoadLimits.rampSteps)
        else { return nil }
        self.from = from
        self.to = to
        self.step = step
        self.each = each
    }

    var stretches: [Stretch] {
        let length = Int64(each * 1e9)
        return (0...Int((to - from) / step)).map { number in
            Stretch(start: Int64(number) * length, end: Int64(number + 1) * length, rate: from + Double(number) * step)
        }
    }
}

/// Why a step of a ramp is more than the service can do.
enum Saturation: Hashable, Sendable {
    /// Fewer answers than requests: the share answered, 0 to 1.
    case fallsBehind(Double)
    /// Nanoseconds.
    case slow(p99: Int64)
    case errors(Int)

    /// A step keeps up when it answers at least this share of its requests in its own time.
    static let leastAnswered = 0.98

    /// - Parameter p99: nanoseconds; above it a step is too slow.
    /// - Returns: nil for a step the service has kept up with.
    init?(_ step: Window, p99: Int64) {
        let answered = step.offered == 0 ? 1 : Double(step.answered) / Double(step.offered)
        if step.errors + step.shed > 0 {
            self = .errors(step.errors + step.shed)
        } else if answered < Self.leastAnswered {
            self = .fallsBehind(answered)
        } else if step.latency.percentile(99) > p99 {
            self = .slow(p99: step.latency.percentile(99))
        } else {
            return nil
        }
    }

    var text: String {
        switch self {
        case .fallsBehind(let share): "answered only \(Words.percent(share)) of the requests in time"
        case .slow(let p99): "p99 was \(Words.time(p99))"
        case .errors(let count): "\(Words.grouped(count)) errors"
        }
    }
}
