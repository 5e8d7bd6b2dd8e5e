import ArgumentParser
import BudgetClient
import CommandSupport
import Foundation

struct ForecastCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "forecast",
        abstract: "Tell what this month is going to cost, and which allowances will run out.",
        discussion: """
            From the ledger's days: what is left of the month is expected to cost what such days have cost lately. Allowances are \
            those that many users share, or one user's.

            \(ExitCodes.help)

            Examples:
              token-budget forecast
              token-budget forecast --by feature
              token-budget forecast --user u_42
            """)

    @Option(help: ArgumentHelp("A forecast for each feature, tier, team, environment, plan or model, too.", valueName: "dimension"))
    var by: String?

    @Option(help: "Only this user's spend and allowances.")
    var user: String?

    @OptionGroup(title: "Service") var service: ControlOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func run() async throws { try await service.show(.forecast(by: by, user: user), output, text: Self.text) }

    static func text(_ reply: ForecastReply) -> [String] {
        let allowances = reply.allowances.map { TextTable.onOneLine($0.sentence) }.joined(separator: "\n")
        return [TextTable.onOneLine(reply.spend.sentence), groups(reply), allowances]
    }

    private static func groups(_ reply: ForecastReply) -> String {
        guard let by = reply.by, let groups = reply.groups else { return "" }
        guard !groups.isEmpty else { return "No \(by) has cost anything." }
        var table = TextTable(columns: [
            (by.uppercased(), .left), ("SO FAR", .right), ("EXPECTED", .right), ("LOW", .right), ("HIGH", .right),
            ("CONFIDENCE", .left),
        ])
        for group in groups {
            let figures = [group.spent, group.expected, group.low, group.high].map { TextTable.orBlank($0.map(TextTable.cents)) }
            table.add([TextTable.orBlank(group.name)] + figures + [group.confidence])
        }
        return table.text + (reply.more == true ? "\n\nThere are more, each cheaper than these." : "")
    }
}

extension TextTable {
    /// `$1,234.50`: rounded to the cent, for sums that are estimates anyway.
    static func cents(_ dollars: Decimal) -> String {
        var (exact, rounded) = (dollars, Decimal())
        NSDecimalRound(&rounded, &exact, 2, .plain)
        let text = Words.grouped(rounded)
        guard let dot = text.firstIndex(of: ".") else { return "$\(text).00" }
        return "$" + text + String(repeating: "0", count: max(3 - text[dot...].count, 0))
    }
}
