import ArgumentParser
import BudgetClient
import CommandSupport
import Foundation

struct InsightsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "insights",
        abstract: "Tell what could cost less, the largest saving first.",
        discussion: """
            From the ledger's raw rows: answers far shorter than max_output_tokens, small requests of large models, the same prompt \
            again and again, traffic that could wait, input that is always the same, users who cost more than their plan.

            \(ExitCodes.help)

            Examples:
              token-budget insights
              token-budget insights --from 2026-11-01 --to 2026-11-15
              token-budget insights --revenue pro=20 --revenue team=99.50
            """)

    @Option(help: ArgumentHelp("From when on: a date in the ledger's zone, or a time. (default: seven days ago)", valueName: "time"))
    var from: String?

    @Option(help: ArgumentHelp("Until when, exclusive. (default: now)", valueName: "time"))
    var to: String?

    @Option(help: ArgumentHelp("In place of both: days, today included, or hours: 30d, 12h.", valueName: "span"))
    var since: String?

    @Option(help: ArgumentHelp("What a plan brings a month, USD. Repeatable.", valueName: "plan=usd"))
    var revenue: [RevenueOption] = []

    @OptionGroup(title: "Service") var service: ControlOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func validate() throws {
        guard since == nil || (from == nil && to == nil) else { throw ValidationError("--since stands in for --from and --to.") }
    }

    func run() async throws {
        let request = ControlRequest.insights(from: from, to: to, since: since, revenue: revenue.map(\.revenue))
        try await service.show(request, output, text: Self.text)
    }

    static func text(_ reply: InsightsReply) -> [String] {
        let examined = reply.examined
        let span = "from \(TextTable.time(examined.from)) to \(TextTable.time(examined.to))"
        let notes = [
            "Looked at \(Words.grouped(examined.requests)) requests \(span).",
            examined.capped ? "There were more: the newest were looked at." : "",
            examined.incomplete == true ? "Raw rows of the time before are gone." : "",
        ]
        let note = notes.filter { !$0.isEmpty }.joined(separator: " ")
        return reply.insights.map(text) + [reply.insights.isEmpty ? "Nothing to advise." : "", note]
    }

    private static func text(_ insight: InsightsReply.Insight) -> String {
        let sentence = TextTable.onOneLine(insight.sentence)
        guard insight.saving > 0 else { return sentence }
        let monthly = insight.monthlySaving.map { ", \(TextTable.cents($0)) in 30 days" } ?? ""
        return "\(TextTable.cents(insight.saving))\(monthly) (confidence: \(insight.confidence))\n  \(sentence)"
    }
}
