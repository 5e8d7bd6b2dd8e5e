import ArgumentParser

/// A length of time: `200ms`, `30s`, `1.5m`. A unit is needed.
struct TimeSpan: Hashable, Sendable, ExpressibleByArgument {
    let seconds: Double

    private static let units = [("us", 1e-6), ("ms", 1e-3), ("s", 1.0), ("m", 60.0)]

    init(seconds: Double) { self.seconds = seconds }

    init?(argument: String) {
        guard let (unit, factor) = Self.units.first(where: { argument.hasSuffix($0.0) }),
            let value = Double(argument.dropLast(unit.count)), value.isFinite, value >= 0
        else { return nil }
        seconds = value * factor
    }

    var defaultValueDescription: String { seconds < 1 ? "\(Int(seconds * 1_000))ms" : "\(Int(seconds))s" }
}

/// A share of all requests: `2%` or `0.02`.
struct Share: Hashable, Sendable, ExpressibleByArgument {
    let value: Double

    init(_ value: Double) { self.value = value }

    init?(argument: String) {
        let isPercent = argument.hasSuffix("%")
        guard let number = Double(isPercent ? String(argument.dropLast()) : argument), number.isFinite else { return nil }
        value = isPercent ? number / 100 : number
        guard (0...1).contains(value) else { return nil }
    }

    var defaultValueDescription: String { "\(Int(value * 100))%" }
}

/// `--arrivals`.
enum ArrivalKind: String, CaseIterable, ExpressibleByArgument {
    case poisson, constant, burst, trace
}

extension TokenSpread: ExpressibleByArgument {
    init?(argument: String) { self.init(argument) }
    var defaultValueDescription: String { "\(Int(median)):\(deviation)" }
}

extension Ramp: ExpressibleByArgument {
    init?(argument: String) { self.init(argument) }
}

extension Mix {
    /// As an option reads it, so that a mistake is explained.
    static func argument(_ text: String) throws -> Mix {
        do {
            return try Mix(text)
        } catch {
            throw ValidationError("\"\(text)\": \(error.description). A mix is written as chat:70,summarize:30.")
        }
    }
}
