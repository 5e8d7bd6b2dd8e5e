import ArgumentParser
import BudgetClient
import CommandSupport

struct AllowancesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "allowances",
        abstract: "Show the counters that many users share.",
        discussion: """
            Those that are not counted per user: the company's month, a feature's day. Shadow allowances, which count but never \
            bind, are listed with the number of requests they would have refused.

            \(ExitCodes.help)

            Examples:
              token-budget allowances
              token-budget allowances --json
            """)

    @OptionGroup(title: "Service") var service: ControlOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func run() async throws { try await service.show(.allowances, output, text: Self.text) }

    static func text(_ reply: SharedAllowancesReply) -> [String] {
        let counters = reply.allowances.isEmpty ? "No allowance is shared." : TextTable(reply.allowances).text
        guard let shadow = reply.shadow, !shadow.isEmpty else { return [counters] }
        var table = TextTable(columns: [("SHADOW", .left), ("TIER", .left), ("WOULD REJECT", .right)])
        for allowance in shadow {
            table.add([allowance.name, allowance.tier ?? TextTable.blank, Words.grouped(allowance.wouldReject)])
        }
        return [counters, table.withoutBlankColumns.text]
    }
}
