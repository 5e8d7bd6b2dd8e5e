package import Foundation

/// Figures as people read them.
package enum Words {
    /// `12,345`
    package static func grouped(_ number: some BinaryInteger) -> String { grouped(digits: String(number)) }

    /// `12,345.678`: every digit, thousands set apart.
    package static func grouped(_ value: Decimal) -> String {
        let parts = value.description.split(separator: ".", maxSplits: 1)
        return grouped(digits: parts.first ?? "0") + (parts.count > 1 ? "." + parts[1] : "")
    }

    private static func grouped(digits: some StringProtocol) -> String {
        var text = ""
        for (index, digit) in digits.reversed().enumerated() {
            if index > 0, index % 3 == 0, digit != "-" { text.append(",") }
            text.append(digit)
        }
        return String(text.reversed())
    }

    /// `1 tier`, `2 tiers`
    package static func count(_ number: Int, _ thing: String) -> String { "\(grouped(number)) \(thing)\(number == 1 ? "" : "s")" }

    /// `812 us`, `4.31 ms`, `1.20 s`
    /// - Parameter nanoseconds: at least 0.
    package static func time(_ nanoseconds: Int64) -> String {
        switch nanoseconds {
        case ..<1_000_000: String(format: "%.0f us", Double(nanoseconds) / 1e3)
        case ..<1_000_000_000: String(format: "%.2f ms", Double(nanoseconds) / 1e6)
        default: String(format: "%.2f s", Double(nanoseconds) / 1e9)
        }
    }

    package static func microseconds(_ value: Double) -> String { time(Int64(value * 1_000)) }

    /// `12.3`, `12,345`
    package static func rate(_ rate: Double) -> String { rate < 100 ? String(format: "%.1f", rate) : grouped(Int(rate.rounded())) }

    /// `2.5 %`
    /// - Parameter share: 1 is everything.
    package static func percent(_ share: Double) -> String { String(format: "%.1f %%", 100 * share) }

    /// The outcome of a run as `--json` writes it; field names in `snake_case`, as everywhere in the service.
    package static func json(_ outcome: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        return String(decoding: try encoder.encode(outcome), as: UTF8.self)
    }
}
