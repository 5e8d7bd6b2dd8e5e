import ArgumentParser
import CommandSupport
import Foundation

/// When requests begin.
struct ShapeOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Requests per second.", valueName: "number"))
    var rate: Double = 1_000

    @Option(help: "How arrivals are spread in time.")
    var arrivals: ArrivalKind?

    @Option(help: ArgumentHelp("Requests of a burst, all due at once.", valueName: "number"))
    var burstSize = 100

    @Option(help: ArgumentHelp("CSV with a header: time, input tokens, output tokens. Implies --arrivals trace.", valueName: "file"))
    var trace: String?

    @Option(help: ArgumentHelp("So many times the trace's own speed.", valueName: "factor"))
    var speed: Double = 1

    @Option(help: ArgumentHelp("How long requests begin; at most 10m. What is under way may finish.", valueName: "time"))
    var duration = TimeSpan(seconds: 30)

    @Option(help: ArgumentHelp("Stop after so many requests.", valueName: "number"))
    var maxRequests = LoadLimits.requests

    @Option(
        help: ArgumentHelp(
            "Raise the rate by steps until the service is saturated: from=2000,to=40000,step=2000,each=5s.", valueName: "steps"))
    var ramp: Ramp?

    @Option(help: ArgumentHelp("With --ramp: above this p99 the service counts as saturated.", valueName: "time"))
    var rampP99 = TimeSpan(seconds: 0.020)

    @Option(
        help: ArgumentHelp(
            "A closed loop instead: so many requests in turns. For comparing only: slow answers hide in it.", valueName: "number"))
    var closed: Int?

    func validate() throws {
        try Self.check(rate, "--rate", 0.001...LoadLimits.rate)
        try Self.check(duration.seconds, "--duration", 0.001...LoadLimits.duration, "seconds")
        try Self.check(speed, "--speed", 0.001...100_000)
        try Self.check(Double(burstSize), "--burst-size", 1...Double(LoadLimits.burst))
        try Self.check(Double(maxRequests), "--max-requests", 1...Double(LoadLimits.requests))
        try Self.check(Double(closed ?? 1), "--closed", 1...Double(LoadLimits.connections))
        try Self.check(rampP99.seconds, "--ramp-p99", 0.000001...60, "seconds")
        if arrivals == .trace, trace == nil { throw ValidationError("--arrivals trace needs --trace FILE.") }
        if let arrivals, arrivals != .trace, trace != nil { throw ValidationError("--trace has arrivals of its own.") }
        guard [trace != nil, ramp != nil, closed != nil].count(where: { $0 }) <= 1 else {
            throw ValidationError("--trace, --ramp and --closed exclude each other.")
        }
        if let ramp {
            try Self.check(ramp.stretches.last.map { Double($0.end) / 1e9 } ?? 0, "--ramp", 1...LoadLimits.duration, "seconds")
        }
    }

    static func check(_ value: Double, _ flag: String, _ range: ClosedRange<Double>, _ unit: String = "") throws {
        guard range.contains(value) else {
            let bounds = [range.lowerBound, range.upperBound].map { String(format: "%g", $0) }
            throw ValidationError("\(flag) takes \(bounds[0]) to \(bounds[1])\(unit.isEmpty ? "" : " ")\(unit).")
        }
    }

    var shape: LoadShape {
        if let closed { return .closed(closed) }
        if trace != nil { return .trace }
        return switch arrivals ?? .poisson {
        case .burst: .open(.burst(size: burstSize))
        case .constant: .open(.constant)
        case .poisson, .trace: .open(.poisson)
        }
    }

    /// The trace's rows at the speed asked for.
    func rows() throws -> [TraceRow] {
        guard let trace else { return [] }
        do {
            return try TraceFile.rows(trace).map { row in
                TraceRow(
                    arrival: Int64(Double(row.arrival) / speed), inputTokens: row.inputTokens, outputTokens: row.outputTokens)
            }
        } catch {
            throw ValidationError("--trace: \(error)")
        }
    }

    func stretches(_ rows: [TraceRow]) -> [Stretch] {
        if let ramp { return ramp.stretches }
        let length = Int64(duration.seconds * 1e9)
        // A trace may be over sooner.
        return [Stretch(start: 0, end: min(length, rows.last.map { $0.arrival + 1 } ?? length), rate: rate)]
    }
}
