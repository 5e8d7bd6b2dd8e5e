/// An `Accept` field: how much its sender wants which media type (RFC 9110, 12.5.1).
struct MediaPreferences {
    /// By name, with its weight and place; of equal weights the first named is preferred.
    private var ranges: [(name: String, weight: Double)] = []

    init(_ field: String) {
        for part in field.lowercased().split(separator: ",") {
            let pieces = part.split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" } }
            guard let name = pieces.first else { continue }
            let quality = pieces.dropFirst().first { $0.hasPrefix("q=") }.map { Double($0.dropFirst(2)) ?? 0 } ?? 1
            // Less than any difference that a weight of three places can make.
            ranges.append((name, quality == 0 ? 0 : quality - Double(ranges.count) * 1e-6))
        }
    }

    /// 0 for a type that is named with weight 0 or by itself not at all: `*/*` leaves the choice to the server.
    func weight(_ type: String) -> Double { ranges.first { $0.name == type }?.weight ?? 0 }
}
