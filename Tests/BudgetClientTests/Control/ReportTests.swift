import ArgumentParser
import BudgetClient
import Foundation
import Testing

@testable import token_budget

/// Reports: from a command line to a request, and from an answer to what people read.
@Suite struct ReportTests {
    private static func request(_ words: String...) throws -> String {
        let command = try UsageCommand.parse(words)
        return ControlRequest.usage(command.question(command.json ? .json : command.format)).description
    }

    @Test func aTableIsOfModelsUnlessSaidOtherwise() throws {
        #expect(try Self.request() == "GET /v1/usage?group_by=model&detail=true&format=json")
        #expect(try Self.request("--json") == "GET /v1/usage?group_by=model&format=json")
        #expect(try Self.request("--format", "focus") == "GET /v1/usage?format=focus")
    }

    @Test func everythingAskedIsAsked() throws {
        #expect(
            try Self.request(
                "--by", "day,user", "--since", "30d", "--time-zone", "Europe/Berlin", "--filter", "tier=free", "--filter", "tier=pro",
                "--filter", "team=", "--top", "20", "--averages", "--format", "csv")
                == "GET /v1/usage?group_by=day%2Cuser&since=30d&time_zone=Europe%2FBerlin&order=cost&limit=20&averages=true&format=csv"
                + "&team=&tier=free%2Cpro")
    }

    @Test(arguments: [
        ["--top", "0"], ["--since", "1d", "--from", "2026-01-01"], ["--json", "--format", "csv"], ["--filter", "free"],
    ])
    func contradictionsAreRefused(_ words: [String]) {
        #expect(throws: (any Error).self) { try UsageCommand.parse(words) }
    }

    private static func text(_ rows: String, _ more: String = "", _ change: (inout UsageQuestion) -> Void = { _ in }) throws -> String {
        let json =
            #"{"rows":["# + rows + #"],"from":"2026-11-01T00:00:00Z","to":"2026-12-01T00:00:00Z","time_zone":"UTC""# + more + "}"
        var question = UsageQuestion()
        question.groups = "model,day"
        change(&question)
        return UsageText(try JSONDecoder().decode(UsageReply.self, from: Data(json.utf8)), question, detail: false).text
    }

    private static func row(_ model: String?, cost: String, unpriced: Int = 0) -> String {
        #"{"day":"2026-11-20","model":\#(model.map { "\"\($0)\"" } ?? "null"),"requests":2,"input_tokens":1000,"output_tokens":200,"#
            + #""tokens":1200,"cost_usd":\#(cost),"unpriced_requests":\#(unpriced)}"#
    }

    @Test func thePeriodStandsFirstAndSumsStandBelow() throws {
        let text = try Self.text(Self.row("m", cost: "1234.5") + "," + Self.row(nil, cost: "-0.00000001", unpriced: 1))
        #expect(
            text == """
                2026-11-01 00:00:00 UTC to 2026-12-01 00:00:00 UTC

                DAY         MODEL  REQUESTS  INPUT  OUTPUT  TOKENS             COST
                2026-11-20  m             2  1,000     200   1,200  $1,234.50000000
                2026-11-20  -             2  1,000     200   1,200     -$0.00000001
                TOTAL                     4  2,000     400   2,400  $1,234.49999999

                Requests without a price: 1. Their tokens are counted, what they cost is not known.
                """)
    }

    @Test func whatIsMissingIsSaid() throws {
        let text = try Self.text(Self.row("m", cost: "1"), #","incomplete":true,"raw_since":"2026-11-10T00:00:00Z""#) { $0.top = 1 }
        #expect(
            text.contains("$1.00\n") && text.contains("Incomplete") && text.contains("2026-11-10")
                && text.contains("Only what cost most"))
        #expect(try Self.text("") == "2026-11-01 00:00:00 UTC to 2026-12-01 00:00:00 UTC: no usage.")
    }

    @Test func thePageOfATerminalIsAFile() {
        #expect(StatementCommand.file(nil, .team, "2026-11", .html, isTerminal: true) == "statement-team-2026-11.html")
        #expect(StatementCommand.file(nil, .team, "2026-11", .html, isTerminal: false) == nil)
        #expect(StatementCommand.file(nil, .team, "2026-11", .csv, isTerminal: true) == nil)
        #expect(StatementCommand.file("-", .team, "2026-11", .html, isTerminal: true) == nil)
        #expect(StatementCommand.file("x", .team, "2026-11", .csv, isTerminal: false) == "x")
    }

    @Test(arguments: [("2026-01-01T00:00:00Z", "2025-12"), ("2026-12-31T23:59:59Z", "2026-11")])
    func theLastMonthIsTheOneThatIsOver(_ now: String, _ month: String) throws {
        let date = try Date(now, strategy: .iso8601)
        #expect(StatementCommand.lastMonth(before: date, in: .gmt) == month)
    }

    @Test func revenueIsAskedPlanByPlan() throws {
        let command = try MarginsCommand.parse(["--revenue", "pro=20", "--revenue", "team=99.50"])
        let plans = command.revenue.map(\.revenue)
        #expect(plans.map(\.plan) == ["pro", "team"] && plans.map(\.dollars) == ["20", "99.50"])
        #expect(
            ControlRequest.margins(revenue: plans, from: nil, to: nil, since: "2d").description
                == "GET /v1/margins?revenue=pro%3A20%2Cteam%3A99.50&since=2d")
        #expect(throws: (any Error).self) { try MarginsCommand.parse([]) }
        for revenue in ["pro", "=1", "a,b=1", "pro=x"] {
            #expect(throws: (any Error).self) { try MarginsCommand.parse(["--revenue", revenue]) }
            #expect(throws: (any Error).self) { try InsightsCommand.parse(["--revenue", revenue]) }
        }
    }

    @Test func plansThatMeetNothingAreTold() throws {
        let json =
            #"{"rows":[{"tier":"free","subscriptions":0,"revenue_usd":0,"cost_usd":1,"margin_usd":-1}],"time_zone":"UTC","#
            + #""plans_without_usage":["por"],"plans_without_revenue":["pro","team"]}"#
        let text = MarginsCommand.text(try JSONDecoder().decode(MarginsReply.self, from: Data(json.utf8))).last
        #expect(
            text == """
                Nobody had a plan of the name "por".
                No revenue is told of "pro", "team": what users of it bring is missing.
                """)
    }
}
