import CommandSupport
import Foundation

/// Tells on stderr how a run goes: a line each second. Quiet where nobody is looking, unless asked to speak.
struct ProgressLine: Sendable {
    private let line: StatusLine

    init(always: Bool) { line = StatusLine(always: always) }

    func show(_ progress: Progress) {
        switch progress {
        case .second(let row): show(Self.text(row))
        case .drain(let calls, let late):
            show("finishing: \(Words.grouped(calls)) calls under way, \(Words.grouped(late)) settlements to come")
        }
    }

    func show(_ text: String) { line.show(text) }

    /// Leaves a clean line behind.
    func finish() { line.clear() }

    static func text(_ row: WindowRow) -> String {
        let latency = row.latency
        var parts = [
            String(format: "%4.0f s", row.start + row.seconds),
            "\(Words.rate(row.offeredRate))/s due, \(Words.rate(row.answeredRate))/s decided",
            "p50 \(Words.microseconds(latency.p50)), p99 \(Words.microseconds(latency.p99))",
            "allow \(row.allow), degrade \(row.degrade), reject \(row.reject)", "errors \(row.errors)",
        ]
        if row.shed > 0 { parts.append("shed \(row.shed)") }
        parts.append("in flight \(row.inFlight)")
        if row.waiting > 0 { parts.append("waiting \(row.waiting)") }
        return parts.joined(separator: " | ")
    }
}
