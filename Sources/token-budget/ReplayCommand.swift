import ArgumentParser
import BudgetClient
import CommandSupport

struct ReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Send a trace of real requests through a running service and check its books.",
        discussion: """
            Every line of the trace becomes a reserve and, unless it is rejected, a commit with the line's usage. At the end a \
            table shows decisions, tokens and cost charged, latencies as this client saw them, and how many of the service's \
            figures differ from what was sent: "ledger mismatches: 0" is what it should say.

            The trace is CSV with a header. The columns are found by name: TIMESTAMP, arrived_at or time (such as \
            2023-11-16 18:15:46.68, or seconds; needed only with --speed FACTOR), ContextTokens or input_tokens, GeneratedTokens \
            or output_tokens.

            The users are fresh in every run, so that nothing else counts against them. Compared are the counters a user has for \
            themselves: `used` must have grown by what was acknowledged, `held` be what it was. Counters whose window ended \
            during the run, and refills, are counted as not comparable; users with a call whose outcome is unknown are listed.

            Ctrl-C shows the table so far.

            Exit code: 0 clean, 1 mismatches, errors or users whose counters are unknown, 2 wrong usage.

            Examples:
              token-budget replay trace.csv --model gpt-4o --users 500
              token-budget replay trace.csv --tier free --feature chat --speed 60 --limit 10000 --json
            """)

    @Argument(help: "The trace, a CSV file.")
    var trace: String

    @Option(help: "How many users take turns.")
    var users = 500

    @Option(help: "What the users' names start with; a number follows. (default: replay-<8 random characters>-)")
    var userPrefix: String?

    @Option(help: "The model every request asks for.")
    var model = "gpt-4o"

    @Option(help: "The feature every request names.")
    var feature: String?

    @Option(help: "The tier every request names.")
    var tier: String?

    @Option(help: ArgumentHelp("max, or so many times the trace's own speed, such as 60. (default: max)", valueName: "factor"))
    var speed: ReplayPace?

    @Option(help: "Most requests under way at a time, each on a connection of its own.")
    var concurrency = 64

    @Option(help: "Stop after so many requests of the trace.")
    var limit: Int?

    @Flag(help: "Print the outcome as JSON.")
    var json = false

    @OptionGroup(title: "Service") var service: ServerOptions

    /// Bounds that keep this program's own memory and sockets in check.
    private static let mostUsers = 1_000_000
    private static let mostConcurrency = 4_096
    /// A user's name has at most 256 bytes, and its number needs some.
    private static let longestPrefix = 240

    func validate() throws {
        guard (1...Self.mostUsers).contains(users) else { throw ValidationError("--users takes 1 to \(Self.mostUsers).") }
        guard (1...Self.mostConcurrency).contains(concurrency) else {
            throw ValidationError("--concurrency takes 1 to \(Self.mostConcurrency).")
        }
        guard limit ?? 1 > 0 else { throw ValidationError("--limit takes 1 or more.") }
        guard userPrefix?.utf8.count ?? 0 <= Self.longestPrefix else {
            throw ValidationError("--user-prefix takes at most \(Self.longestPrefix) bytes.")
        }
    }

    func run() async throws {
        var limits = ClientLimits()
        limits.connections = concurrency
        let report = try await service.withClient(limits: limits) { try await Replay(settings, $0).run() }
        print(json ? try Words.json(report) : report.text)
        if !report.isClean { throw ExitCode.failure }
    }

    private var settings: ReplaySettings {
        ReplaySettings(
            file: trace, users: users, userPrefix: userPrefix ?? ReplaySettings.freshPrefix(), model: model, feature: feature,
            tier: tier, pace: speed ?? .unlimited, concurrency: concurrency, limit: limit ?? .max)
    }
}
