@testable import budget_load

enum Example {
    /// A short, small load at a constant rate that only reserves and commits.
    static func settings(port: Int, rate: Double = 100, seconds: Double = 1, connections: Int = 2) throws -> LoadSettings {
        LoadSettings(
            target: try Target("http://127.0.0.1:\(port)"), shape: .open(.constant),
            stretches: [Stretch(start: 0, end: Int64(seconds * 1e9), rate: rate)], maxRequests: 100_000, connections: connections,
            seed: 1,
            traffic: Traffic(
                users: 10, zipf: 1, userPrefix: "u-", models: try Mix("gpt-4o"), inputTokens: TokenSpread(median: 100),
                outputTokens: TokenSpread(median: 50), maxOutputTokens: 200, think: 0, released: 0, lost: 0, late: 0, timeToLive: 10),
            objectives: [])
    }
}
