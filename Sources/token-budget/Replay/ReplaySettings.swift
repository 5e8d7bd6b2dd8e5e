import ArgumentParser

/// What to replay, and how.
struct ReplaySettings: Sendable {
    var file: String
    var users: Int
    var userPrefix: String
    var model: String
    var feature: String?
    var tier: String?
    var pace: ReplayPace
    var concurrency: Int
    /// Most requests to send.
    var limit: Int

    func user(_ number: Int) -> String { userPrefix + String(number) }

    /// Eight random characters keep the users of two runs apart.
    static func freshPrefix() -> String {
        let letters = Array("abcdefghijklmnopqrstuvwxyz0123456789")
        return "replay-" + String((0..<8).compactMap { _ in letters.randomElement() }) + "-"
    }
}

/// How fast the trace's clock runs.
enum ReplayPace: Hashable, Sendable, ExpressibleByArgument {
    /// Every request as soon as a connection is free.
    case unlimited
    /// So many times the trace's own speed.
    case factor(Double)

    init?(argument: String) {
        if argument == "max" {
            self = .unlimited
        } else if let factor = Double(argument), factor.isFinite, factor > 0 {
            self = .factor(factor)
        } else {
            return nil
        }
    }

    var needsTimes: Bool { self != .unlimited }
}
