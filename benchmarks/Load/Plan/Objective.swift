import CommandSupport

/// What a run must reach: `p99=1ms,errors=0,mismatches=0`.
struct Objective: Hashable, Sendable {
    enum Measure: Hashable, Sendable {
        /// Of every reserve that was decided, from the time it was due; 100 is the maximum.
        case reserve(percentile: Double)
        case commit(percentile: Double)
        /// Decided reserves per second: the least, where all others are the most.
        case rate
        case errors, shed, mismatches
    }

    let measure: Measure
    /// Nanoseconds, a rate or a count.
    let bound: Double
    /// As it was written.
    let text: String

    struct Problem: Error, CustomStringConvertible {
        let description: String
    }

    static func list(_ text: String) throws(Problem) -> [Objective] {
        var objectives: [Objective] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            objectives.append(try Objective(String(part)))
        }
        return objectives
    }

    init(_ text: String) throws(Problem) {
        let pair = text.split(separator: "=", omittingEmptySubsequences: false).map(String.init)
        guard pair.count == 2, let measure = Self.measure(pair[0]) else {
            throw Problem(description: "\"\(text)\" is none of \(Self.known)")
        }
        guard let bound = Self.bound(pair[1], measure) else {
            throw Problem(description: "\"\(pair[1])\" is no \(Self.isTime(measure) ? "time such as 1ms" : "number")")
        }
        self.measure = measure
        self.bound = bound
        self.text = text
    }

    private static let known = "p50, p90, p99, p99.9, max, commit.p99 and so on, rate, errors, shed, mismatches, each with =VALUE"

    private static func measure(_ name: String) -> Measure? {
        switch name {
        case "rate": return .rate
        case "errors": return .errors
        case "shed": return .shed
        case "mismatches": return .mismatches
        default:
            if name.hasPrefix("commit.") { return percentile(name.dropFirst(7)).map { .commit(percentile: $0) } }
            return percentile(name[...]).map { .reserve(percentile: $0) }
        }
    }

    private static func percentile(_ name: Substring) -> Double? {
        if name == "max" { return 100 }
        guard name.first == "p", let value = Double(name.dropFirst()), value > 0, value <= 100 else { return nil }
        return value
    }

    private static func isTime(_ measure: Measure) -> Bool {
        switch measure {
        case .reserve, .commit: true
        case .rate, .errors, .shed, .mismatches: false
        }
    }

    private static func bound(_ text: String, _ measure: Measure) -> Double? {
        if isTime(measure) { return TimeSpan(argument: text).map { $0.seconds * 1e9 } }
        if measure == .rate { return Double(text).flatMap { $0.isFinite && $0 > 0 ? $0 : nil } }
        return Int(text).flatMap { $0 >= 0 ? Double($0) : nil }
    }
}

extension Objective {
    /// Whether it was reached, and what was found.
    struct Verdict: Encodable, Hashable, Sendable {
        var objective: String
        var found: String
        var met: Bool
    }

    func judge(_ figures: Figures, rate: Double, _ ledger: LedgerFindings) -> Verdict {
        switch measure {
        case .reserve(let percentile): judge(figures[.reserve], percentile)
        case .commit(let percentile): judge(figures[.commit], percentile)
        case .rate: Verdict(objective: text, found: "\(Words.rate(rate)) reserves/s", met: rate >= bound)
        case .errors: judge(figures.errorCount, "errors")
        case .shed: judge(figures.shed, "shed")
        case .mismatches:
            // Nothing compared is nothing shown.
            Verdict(
                objective: text,
                found: "\(Words.grouped(ledger.mismatches)) mismatches in \(Words.grouped(ledger.compared)) counters",
                met: ledger.compared > 0 && Double(ledger.mismatches) <= bound)
        }
    }

    private func judge(_ call: CallFigures, _ percentile: Double) -> Verdict {
        guard call.total.count > 0 else { return Verdict(objective: text, found: "no answers", met: false) }
        let value = call.total.percentile(percentile)
        return Verdict(objective: text, found: Words.time(value), met: Double(value) <= bound)
    }

    private func judge(_ count: Int, _ what: String) -> Verdict {
        Verdict(objective: text, found: "\(Words.grouped(count)) \(what)", met: Double(count) <= bound)
    }
}
