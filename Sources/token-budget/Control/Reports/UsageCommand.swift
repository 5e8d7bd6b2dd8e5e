import ArgumentParser
import BudgetClient
import Foundation

struct UsageCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "usage",
        abstract: "Show who spent what.",
        discussion: """
            Settled requests by time, model, user, feature, tier, team, environment, plan, session, component, price_class, \
            price_version or correction, and at most one of hour, day, week, month; this month so far unless said otherwise. \
            Dates are days of the report's zone, which is the ledger's unless --time-zone names another.

            CSV, FOCUS and JSON are written as they come, however long they are.

            \(ExitCodes.help)

            Examples:
              Daily spend by model:
                token-budget usage --by day,model --since 30d
              Who costs most, and a request of theirs:
                token-budget usage --by user --top 20 --averages
              What features cost, and a day of each:
                token-budget usage --by feature --averages
              Free users by cost:
                token-budget usage --by user --top 20 --filter tier=free
              Share of cached input, input for each output token:
                token-budget usage --by model --detail
              November for finance:
                token-budget usage --from 2026-11-01 --to 2026-12-01 \\
                  --format focus > focus.csv
            """)

    @Option(help: ArgumentHelp("What rows are grouped by, with commas between. (default: model)", valueName: "groups"))
    var by: String?

    @OptionGroup(title: "Span") var span: SpanOptions

    @Option(help: ArgumentHelp("Whose hours, days, weeks and months: an IANA name.", valueName: "zone"))
    var timeZone: String?

    @Option(
        name: .customLong("filter"),
        help: ArgumentHelp(
            "Only what has this value, or one of several with commas between; nothing behind = is usage that names none. Repeatable.",
            valueName: "name=value"))
    var filters: [FilterOption] = []

    @Option(parsing: .unconditional, help: ArgumentHelp("Only so many rows, of each period, that cost most.", valueName: "n"))
    var top: Int?

    @Flag(help: "With the cost of a request and, without a period, of a day.")
    var averages = false

    @Flag(help: "With the parts of the tokens, and shares.")
    var detail = false

    @Option(help: "How rows are written; focus is CSV with the columns of FOCUS.")
    var format = Format.table

    @Flag(help: "The same as --format json.")
    var json = false

    @OptionGroup(title: "Service") var service: ControlOptions

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case table, json, csv, focus
    }

    func validate() throws {
        guard top ?? 1 > 0 else { throw ValidationError("--top takes a number of rows.") }
        guard !json || format == .table || format == .json else { throw ValidationError("--json and --format contradict each other.") }
    }

    func run() async throws {
        let format = json ? .json : self.format
        try await service.withClient { client in
            guard format == .table else {
                try await client.stream(.usage(question(format))) { try FileHandle.standardOutput.write(contentsOf: $0) }
                if format == .json { print() }
                return
            }
            let question = question(format)
            let reply = try await Progress.during("adding up") { try await client.send(.usage(question)).value }
            print(UsageText(reply, question, detail: detail).text)
        }
    }

    func question(_ format: Format) -> UsageQuestion {
        var question = UsageQuestion()
        question.groups = by ?? (format == .focus ? nil : "model")
        (question.from, question.to, question.since) = (span.from, span.to, span.since)
        question.timeZone = timeZone
        question.filters = filters.reduce(into: [:]) { all, filter in
            all[filter.name] = all[filter.name].map { $0 + "," + filter.value } ?? filter.value
        }
        question.top = top
        // A table tells of what had no price, whether or not it shows the rest.
        question.detail = detail || format == .table
        question.averages = averages
        question.format = format == .table ? "json" : format.rawValue
        return question
    }
}

/// From when until when a report is.
struct SpanOptions: ParsableArguments {
    @Option(help: ArgumentHelp("A date, or a time such as 2026-11-01T09:00:00Z. (default: the first of this month)", valueName: "time"))
    var from: String?

    @Option(help: ArgumentHelp("Exclusive. (default: now)", valueName: "time"))
    var to: String?

    @Option(help: ArgumentHelp("In place of both: days, today included, or hours: 30d, 12h.", valueName: "span"))
    var since: String?

    func validate() throws {
        guard since == nil || (from == nil && to == nil) else { throw ValidationError("--since stands in for --from and --to.") }
    }
}

/// `feature=chat`, or `team=` for none.
struct FilterOption: ExpressibleByArgument, Hashable {
    let name: String
    let value: String

    init?(argument: String) {
        guard let sign = argument.firstIndex(of: "="), sign != argument.startIndex else { return nil }
        name = String(argument[..<sign])
        value = String(argument[argument.index(after: sign)...])
    }
}
