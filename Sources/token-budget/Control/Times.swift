import ArgumentParser
import Foundation

/// A point in time as ops write it.
enum TimeOption: ExpressibleByArgument, Hashable {
    case at(Date)
    /// From now, seconds.
    case after(Int64)

    /// Takes `2026-12-01` (midnight UTC), `2026-12-01T09:00:00Z`, `2026-12-01T09:00:00+01:00` and durations `<n>s|m|h|d`.
    init?(argument: String) {
        if let seconds = Self.duration(argument) {
            self = .after(seconds)
        } else if let date = Self.date(argument) {
            self = .at(date)
        } else {
            return nil
        }
    }

    /// RFC 3339 in UTC, whole seconds.
    func text(now: Date = Date()) -> String {
        let date =
            switch self {
            case .at(let date): date
            case .after(let seconds): now.addingTimeInterval(TimeInterval(seconds))
            }
        return date.formatted(.iso8601)
    }

    /// Whether it is the same time however often it is said.
    var isFixed: Bool {
        if case .at = self { true } else { false }
    }

    private static func duration(_ text: String) -> Int64? {
        let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3_600, "d": 86_400]
        guard let unit = text.last.flatMap({ units[$0] }), let count = Int64(text.dropLast()), (1...1_000_000).contains(count) else {
            return nil
        }
        return count * unit
    }

    private static func date(_ text: String) -> Date? {
        if text.utf8.count == 10 { return try? Date(text, strategy: .iso8601.year().month().day()) }
        return (try? Date(text, strategy: .iso8601))
            ?? (try? Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true)))
    }
}
