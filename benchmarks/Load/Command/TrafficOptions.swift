import ArgumentParser
import CommandSupport

/// Who asks for what, and how a request's life goes.
struct TrafficOptions: ParsableArguments {
    @Option(help: ArgumentHelp("How many users there are.", valueName: "number"))
    var users = 10_000

    @Option(
        help: ArgumentHelp(
            "How unequal they are: the k-th busiest asks in proportion to 1/k^EXPONENT; 0 makes them equal.", valueName: "exponent"))
    var zipf = 1.1

    @Option(help: ArgumentHelp("What users' names start with; a number follows. (default: load-SEED-TIME-)", valueName: "text"))
    var userPrefix: String?

    @Option(
        help: ArgumentHelp("Features and how often each comes up: chat:70,summarize:30. (default: none)", valueName: "mix"),
        transform: Mix.argument)
    var features: Mix?

    @Option(help: ArgumentHelp("Tiers likewise; a user keeps one. (default: the service's)", valueName: "mix"), transform: Mix.argument)
    var tiers: Mix?

    @Option(help: ArgumentHelp("Models likewise. (default: gpt-4o)", valueName: "mix"), transform: Mix.argument)
    var models: Mix?

    @Option(help: ArgumentHelp("Median, and deviation of the logarithm.", valueName: "tokens"))
    var inputTokens = TokenSpread(median: 400)

    @Option(help: ArgumentHelp("The same of the answers.", valueName: "tokens"))
    var outputTokens = TokenSpread(median: 150)

    @Option(help: ArgumentHelp("Longest answer asked for. (default: four times the median)", valueName: "tokens"))
    var maxOutputTokens: Int64?

    @Option(help: ArgumentHelp("Mean time between decision and settlement, exponential: the model at work.", valueName: "time"))
    var think = TimeSpan(seconds: 0.2)

    @Option(help: ArgumentHelp("Requests that are released instead of committed.", valueName: "share"))
    var release = Share(0.02)

    @Option(help: ArgumentHelp("Requests never settled: their holds must end by themselves.", valueName: "share"))
    var lost = Share(0.01)

    @Option(help: ArgumentHelp("Requests committed after their holds have ended.", valueName: "share"))
    var late = Share(0.01)

    @Option(
        help: ArgumentHelp(
            "Time to live of the holds, seconds. The run ends after the last late commit and lost hold.", valueName: "seconds"))
    var ttl: Int64 = 10

    func validate() throws {
        try ShapeOptions.check(Double(users), "--users", 1...Double(LoadLimits.users))
        try ShapeOptions.check(zipf, "--zipf", 0...5)
        try ShapeOptions.check(think.seconds, "--think", 0...LoadLimits.think, "seconds")
        try ShapeOptions.check(Double(ttl), "--ttl", 1...86_400, "seconds")
        try ShapeOptions.check(Double(maxOutputTokens ?? 1), "--max-output-tokens", 1...Double(LoadLimits.tokens))
        guard release.value + lost.value + late.value <= 1 else {
            throw ValidationError("--release, --lost and --late are more than all requests together.")
        }
        guard late.value == 0 || ttl <= LoadLimits.awaitedTimeToLive else {
            throw ValidationError("Late commits are waited for: --late needs a --ttl of at most \(LoadLimits.awaitedTimeToLive).")
        }
        if let userPrefix {
            guard userPrefix.utf8.count <= LoadLimits.prefix, userPrefix.utf8.allSatisfy(Self.isPlain) else {
                throw ValidationError("--user-prefix takes up to \(LoadLimits.prefix) letters, digits, dots, hyphens and underscores.")
            }
        }
    }

    /// Needs no escape in JSON or in a path.
    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
            true
        default: false
        }
    }

    /// - Parameter freshPrefix: for users nobody else has.
    func traffic(_ rows: [TraceRow], freshPrefix: String) throws -> Traffic {
        Traffic(
            users: users, zipf: zipf, userPrefix: userPrefix ?? freshPrefix, features: features, tiers: tiers,
            models: try models ?? Mix("gpt-4o"), inputTokens: inputTokens, outputTokens: outputTokens,
            maxOutputTokens: maxOutputTokens ?? min(4 * Int64(outputTokens.median), LoadLimits.tokens), think: think.seconds,
            released: release.value, lost: lost.value, late: late.value, timeToLive: ttl, rows: rows)
    }
}
