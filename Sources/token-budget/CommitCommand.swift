import ArgumentParser
import BudgetClient
import CommandSupport

struct CommitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "commit",
        abstract: "Report what a reserved call really used.",
        discussion: """
            The usage is charged and the rest of the hold is given back. Without --input-tokens and --output-tokens the call \
            counts as aborted: the estimate of its input is charged. A checkpoint (--checkpoint) reports the usage so far of a \
            call that goes on, and prints "stop" when the stream should end.

            Exit code: 0 booked, 1 not booked, 2 wrong usage.

            Examples:
              token-budget commit RESERVATION_ID --input-tokens 1500 --output-tokens 321
              token-budget commit RESERVATION_ID --input-tokens 1500 --output-tokens 321 --cached-input-tokens 1000
              token-budget commit RESERVATION_ID --input-tokens 1500 --output-tokens 100 --checkpoint
              token-budget commit RESERVATION_ID
            """)

    @Argument(help: "As `token-budget reserve` printed it.")
    var reservationID: String

    @Option(help: ArgumentHelp("Input tokens used, cached ones included.", valueName: "tokens"))
    var inputTokens: Int64?

    @Option(help: ArgumentHelp("Output tokens used, reasoning included.", valueName: "tokens"))
    var outputTokens: Int64?

    @Option(help: ArgumentHelp("How many of the input tokens came from the provider's cache.", valueName: "tokens"))
    var cachedInputTokens: Int64?

    @Option(help: "The model really called, if it was not the one held.")
    var model: String?

    @Flag(help: "The call goes on: this is its usage so far.")
    var checkpoint = false

    @OptionGroup(title: "Service") var service: ServerOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func validate() throws {
        guard (inputTokens == nil) == (outputTokens == nil) else {
            throw ValidationError("Give both --input-tokens and --output-tokens, or neither for an aborted call.")
        }
        if inputTokens == nil, cachedInputTokens != nil {
            throw ValidationError("--cached-input-tokens needs --input-tokens and --output-tokens.")
        }
        if inputTokens == nil, checkpoint {
            throw ValidationError("A checkpoint needs --input-tokens and --output-tokens.")
        }
    }

    func run() async throws {
        let received = try await service.withClient { try await $0.post(.commit, body, as: SettlementReply.self) }
        output.show(received) { Self.text($0, status: received.status) }
    }

    private var body: CommitBody {
        var body = CommitBody(reservationID, usage: nil)
        if let inputTokens, let outputTokens {
            var usage = UsageBody(inputTokens: inputTokens, outputTokens: outputTokens)
            usage.cachedInputTokens = cachedInputTokens
            body.usage = usage
        }
        body.model = model
        body.final = checkpoint ? false : nil
        return body
    }

    private static func text(_ settlement: SettlementReply, status: Int) -> [String] {
        let journaled = "accepted: the service's store is down, the usage will be booked when it is back"
        var first = status == 202 ? journaled : settlement.state ?? "accepted"
        if settlement.stop == true { first += ": stop" }
        let facts = TextTable(naming: [
            ("charged", settlement.charged.map(TextTable.charge)),
            ("released", settlement.released.map(TextTable.charge)),
            ("expires", settlement.expiresAt.map(TextTable.time)),
            ("notes", notes(settlement)),
        ])
        let allowances = settlement.allowances ?? []
        return [TextTable.onOneLine(first), facts.text, allowances.isEmpty ? "" : TextTable(allowances).text]
    }

    private static func notes(_ settlement: SettlementReply) -> String? {
        let candidates: [(Bool?, String)] = [
            (settlement.late, "late: the hold was over, the usage is booked all the same"),
            (settlement.overHold, "more than was held"),
            (settlement.replayed, "had been committed before: nothing booked again"),
            (settlement.estimated, "estimated: no usage given"),
            (settlement.unpriced, "no price for the model called: charged as the model held"),
        ]
        let notes = candidates.compactMap { $0.0 == true ? $0.1 : nil }
        return notes.isEmpty ? nil : notes.joined(separator: "; ")
    }
}
