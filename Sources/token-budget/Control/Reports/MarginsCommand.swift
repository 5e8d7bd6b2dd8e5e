import ArgumentParser
import BudgetClient
import CommandSupport
import Foundation

struct MarginsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "margins",
        abstract: "Show what each tier brings and costs.",
        discussion: """
            A user with usage in a month has paid for that month's plan. Months count whole, in the ledger's zone.

            \(ExitCodes.help)

            Examples:
              token-budget margins --revenue pro=20 --revenue team=99.50
              token-budget margins --revenue pro=20 --from 2026-01-01 --json
            """)

    @Option(help: ArgumentHelp("What a plan brings a month, USD. Repeatable.", valueName: "plan=usd"))
    var revenue: [RevenueOption]

    @OptionGroup(title: "Span") var span: SpanOptions
    @OptionGroup(title: "Service") var service: ControlOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func run() async throws {
        try await service.show(
            .margins(revenue: revenue.map(\.revenue), from: span.from, to: span.to, since: span.since), output, text: Self.text)
    }

    static func text(_ reply: MarginsReply) -> [String] {
        guard !reply.rows.isEmpty else { return ["No usage.", notes(reply).joined(separator: "\n")] }
        var table = TextTable(columns: [
            ("TIER", .left), ("MONTHS PAID", .right), ("REVENUE", .right), ("COST", .right), ("MARGIN", .right),
        ])
        for row in reply.rows {
            let amounts = [row.revenue, row.cost, row.margin].map { UsageText.dollars($0, 2) }
            table.add([TextTable.orBlank(row.tier), Words.grouped(row.subscriptions)] + amounts)
        }
        return [table.text, notes(reply).joined(separator: "\n")]
    }

    private static func notes(_ reply: MarginsReply) -> [String] {
        func listed(_ plans: [String]?, _ before: String, _ after: String) -> String? {
            guard let plans, !plans.isEmpty else { return nil }
            return before + plans.map { "\"\(TextTable.onOneLine($0))\"" }.joined(separator: ", ") + after
        }
        return [
            listed(reply.plansWithoutUsage, "Nobody had a plan of the name ", "."),
            listed(reply.plansWithoutRevenue, "No revenue is told of ", ": what users of it bring is missing."),
        ].compactMap { $0 }
    }
}
