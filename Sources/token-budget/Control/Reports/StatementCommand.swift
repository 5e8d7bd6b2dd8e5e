import ArgumentParser
import BudgetClient
import Foundation

struct StatementCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "statement",
        abstract: "Write what each team, or feature, owes for a month.",
        discussion: """
            A page to forward or print, with an account for each team or feature, and what models cost; CSV has a line for each of \
            its lines. Models whose price changed, what was booked after the month was over, and a month that still runs show as \
            such. On a terminal the page goes into a file of the \
            working directory, otherwise everything to standard output.

            \(ExitCodes.help)

            Examples:
              token-budget statement --by team --month 2026-11
              token-budget statement --by feature --only search --format csv --output search.csv
            """)

    @Option(help: "team or feature.")
    var by = By.team

    @Option(help: ArgumentHelp("Of the ledger's zone. (default: the last one that is over)", valueName: "yyyy-mm"))
    var month: String?

    @Option(help: ArgumentHelp("One team or feature alone.", valueName: "name"))
    var only: String?

    @Option(help: "html, csv or json.")
    var format = Format.html

    @Option(name: .shortAndLong, help: ArgumentHelp("Where to write; - is standard output.", valueName: "file"))
    var output: String?

    @OptionGroup(title: "Service") var service: ControlOptions

    enum By: String, ExpressibleByArgument, CaseIterable {
        case team, feature
    }
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case html, csv, json
    }

    func run() async throws {
        let month = month ?? Self.lastMonth(before: Date(), in: .current)
        let request = ControlRequest.statement(by: by.rawValue, month: month, only: only, format: format.rawValue)
        let document = try await service.withClient { try await $0.send(request) }.body
        guard let file = Self.file(output, by, month, format, isTerminal: isatty(STDOUT_FILENO) == 1) else {
            return try FileHandle.standardOutput.write(contentsOf: document)
        }
        do {
            try document.write(to: URL(fileURLWithPath: file), options: .atomic)
        } catch {
            throw Unwritable(description: "\(file): cannot be written")
        }
        print("wrote \(file)")
    }

    struct Unwritable: Error, CustomStringConvertible {
        let description: String
    }

    /// nil is standard output.
    static func file(_ output: String?, _ by: By, _ month: String, _ format: Format, isTerminal: Bool) -> String? {
        if let output { return output == "-" ? nil : output }
        return format == .html && isTerminal ? "statement-\(by.rawValue)-\(month).html" : nil
    }

    /// `2026-10` in November.
    static func lastMonth(before now: Date, in zone: TimeZone) -> String {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone
        let parts = calendar.dateComponents([.year, .month], from: now)
        let (year, month) = (parts.year ?? 1970, parts.month ?? 1)
        let last = month == 1 ? (year - 1, 12) : (year, month - 1)
        return "\(last.0)-\(last.1 < 10 ? "0" : "")\(last.1)"
    }
}
