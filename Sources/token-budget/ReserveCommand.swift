import ArgumentParser
import BudgetClient
import CommandSupport

struct ReserveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reserve",
        abstract: "Ask whether a user may make a model call, and hold its tokens.",
        discussion: """
            Prints the decision: allow, degrade (call the cheaper model it names) or reject. What is held stays so until \
            `token-budget commit` or until it expires.

            Exit code: 0 allow or degrade, 3 reject, 1 no decision, 2 wrong usage.

            Examples:
              token-budget reserve u_42 --model gpt-4o --input-tokens 1500 --max-output-tokens 500
              token-budget reserve u_42 --model gpt-4o --input-tokens 1500 --feature chat --tier free --json
            """)

    /// The exit code of a rejection: an answer, but one that scripts branch on.
    static let rejected = ExitCode(3)

    @Argument(help: "Whose call it is.")
    var user: String

    @Option(help: "The model the application wants to call.")
    var model: String

    @Option(help: ArgumentHelp("Tokens of the prompt.", valueName: "tokens"))
    var inputTokens: Int64

    @Option(
        help: ArgumentHelp("Longest answer. (default: the feature's, the tier's or the model's maximum)", valueName: "tokens"))
    var maxOutputTokens: Int64?

    @Option(
        help: ArgumentHelp(
            "Shortest answer still worth having. (default: the longest, so none is shortened)", valueName: "tokens"))
    var minOutputTokens: Int64?

    @Option(help: "What in the application calls.")
    var feature: String?

    @Option(help: "The user's tier, unless ops assigned one.")
    var tier: String?

    @Option(help: "Who answers for the call.")
    var team: String?

    @Option(help: "Such as prod or staging.")
    var environment: String?

    @Option(help: "The user's plan, for reports.")
    var plan: String?

    @Option(help: "The session or agent run the call belongs to.")
    var session: String?

    @Option(help: ArgumentHelp("How long the hold lasts, 1 to 86400. (default: 120)", valueName: "seconds"))
    var ttl: Int64?

    @Option(help: "Makes it safe to repeat the very same call: it is held once.")
    var idempotencyKey: String?

    @OptionGroup(title: "Service") var service: ServerOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func run() async throws {
        let received = try await service.withClient { try await $0.post(.reserve, body, as: DecisionReply.self) }
        output.show(received, text: Self.text)
        if received.value.isRejected { throw Self.rejected }
    }

    private var body: ReserveBody {
        var body = ReserveBody(user: user, model: model, inputTokens: inputTokens)
        body.maxOutputTokens = maxOutputTokens
        body.minOutputTokens = minOutputTokens
        body.attribution.feature = feature
        body.attribution.tier = tier
        body.attribution.team = team
        body.attribution.environment = environment
        body.attribution.plan = plan
        body.attribution.session = session
        body.ttlSeconds = ttl
        body.idempotencyKey = idempotencyKey
        return body
    }

    private static func text(_ decision: DecisionReply) -> [String] {
        var first = decision.decision
        if let model = decision.model { first += ": \(model)" }
        if let output = decision.maxOutputTokens { first += ", up to \(Words.grouped(output)) output tokens" }
        let facts = TextTable(naming: [
            ("reservation", decision.reservationID),
            ("expires", decision.expiresAt.map(TextTable.time)),
            ("held", decision.held.map(TextTable.charge)),
            ("reason", decision.reason),
            ("allowance", decision.allowance),
            ("message", decision.message),
            ("retry after", decision.retryAfterSeconds.map { "\($0) s" }),
        ])
        let allowances = decision.allowances.isEmpty ? "No allowance applies." : TextTable(decision.allowances).text
        return [TextTable.onOneLine(first), facts.text, allowances]
    }
}
