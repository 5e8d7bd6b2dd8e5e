import Foundation

/// Names and how often each comes up: `chat:70,summarize:30`. A name without a weight has weight 1.
struct Mix: Hashable, Sendable {
    /// As it was written.
    let text: String
    let names: [String]
    /// Sums of the weights up to each name; the last is their total.
    private let sums: [Double]

    struct Problem: Error, CustomStringConvertible {
        let description: String
    }

    init(_ text: String) throws(Problem) {
        var names: [String] = []
        var sums: [Double] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let (name, weight) = Self.weighted(part)
            guard !name.isEmpty, !names.contains(name) else {
                throw Problem(description: name.isEmpty ? "a name is missing" : "\(name) is there twice")
            }
            guard weight.isFinite, weight > 0 else { throw Problem(description: "the weight of \(name) must be above 0") }
            names.append(name)
            sums.append((sums.last ?? 0) + weight)
        }
        guard names.count <= LoadLimits.mixNames else {
            throw Problem(description: "more than \(LoadLimits.mixNames) names")
        }
        self.text = text
        self.names = names
        self.sums = sums
    }

    /// Names may have colons of their own, such as those of fine-tuned models: only a number after the last is a weight.
    private static func weighted(_ part: Substring) -> (String, Double) {
        guard let colon = part.lastIndex(of: ":"), let weight = Double(part[part.index(after: colon)...]) else {
            return (String(part), 1)
        }
        return (String(part[..<colon]), weight)
    }

    /// - Parameter point: at least 0, below 1.
    /// - Returns: an index of `names`.
    func pick(_ point: Double) -> Int {
        let target = point * (sums.last ?? 0)
        return sums.firstIndex { target < $0 } ?? sums.count - 1
    }
}

/// How many tokens: log-normal around a median, as prompts and answers are. `400` or `400:0.8`, median and deviation of the
/// logarithm; `400:0` is always 400.
struct TokenSpread: Hashable, Sendable {
    /// About what public traces of chat requests show.
    static let usualDeviation = 0.8

    let median: Double
    let deviation: Double

    init(median: Int64) {
        self.median = Double(median)
        deviation = Self.usualDeviation
    }

    init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard let median = Int64(parts[0]), (1...LoadLimits.tokens).contains(median), parts.count <= 2 else { return nil }
        self.median = Double(median)
        guard parts.count == 2 else {
            deviation = Self.usualDeviation
            return
        }
        guard let deviation = Double(parts[1]), (0...5).contains(deviation) else { return nil }
        self.deviation = deviation
    }

    /// At least 1.
    func draw(_ random: inout Random) -> Int64 {
        guard deviation > 0 else { return Int64(median) }
        let value = median * exp(deviation * random.normal())
        return Int64(min(max(value.rounded(), 1), Double(LoadLimits.tokens)))
    }
}
