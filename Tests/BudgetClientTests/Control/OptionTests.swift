import ArgumentParser
import CommandSupport
import Foundation
import Testing

@testable import token_budget

@Suite struct OptionTests {
    @Test(arguments: ["0", "60000", "0.50", "9007199254740991", "90071992.54740991", "1.000000000000000001"])
    func numbersKeepTheirDigits(text: String) {
        let option = DecimalOption(argument: text)
        #expect(option?.text == text)
        #expect(option?.value == Decimal(string: text))
    }

    @Test(arguments: ["", "-1", "+1", "1e5", "1,000", "60_000", ".5", "5.", "1.2.3", "007", "00", "NaN", "１２", " 1", "0x10"])
    func nothingElseIsANumber(text: String) {
        #expect(DecimalOption(argument: text) == nil)
    }

    @Test func limitsAndDimensionsAreSplitWhereTheyShouldBe() {
        #expect(LimitOption(argument: "a=b=5")?.allowance == "a=b")
        #expect(LimitOption(argument: "=5") == nil)
        #expect(LimitOption(argument: "a=") == nil)
        #expect(DimensionOption(argument: "feature=a=b")?.value == "a=b")
        #expect(DimensionOption(argument: "feature=") == nil)
        #expect(DimensionOption(argument: "=chat") == nil)
    }

    @Test func aDimensionIsGivenOnce() throws {
        let options = ["a=1", "a=2"].compactMap { DimensionOption(argument: $0) }
        #expect(throws: ValidationError.self) { try DimensionOption.dictionary(options) }
        #expect(try DimensionOption.dictionary([]) == nil)
    }

    @Test func sharesArePercentagesOrNone() {
        #expect(ShareOption(argument: "12.5%")?.text == "12.5%")
        #expect(ShareOption(argument: "none").map { $0.text == nil } == true)
        for text in ["80", "%", "-5%", "0x5%", "None"] { #expect(ShareOption(argument: text) == nil) }
    }

    @Test(arguments: [
        ("2026-12-01", "2026-12-01T00:00:00Z"), ("2026-12-01T09:30:00Z", "2026-12-01T09:30:00Z"),
        ("2026-12-01T09:30:00+02:00", "2026-12-01T07:30:00Z"), ("2026-12-01T09:30:00.750Z", "2026-12-01T09:30:00Z"),
        ("24h", "2026-11-22T12:00:00Z"), ("90s", "2026-11-21T12:01:30Z"), ("2d", "2026-11-23T12:00:00Z"),
    ])
    func timesAreReadInEachForm(text: String, expected: String) throws {
        let now = try Date("2026-11-21T12:00:00Z", strategy: .iso8601)
        #expect(TimeOption(argument: text)?.text(now: now) == expected)
    }

    @Test(arguments: ["", "tomorrow", "2026-13-01", "2026-12-32", "12-01-2026", "0h", "-1h", "h", "1.5h", "2026-12-01 09:00"])
    func nothingElseIsATime(text: String) {
        #expect(TimeOption(argument: text) == nil)
    }

    @Test func anActorIsNamedByFlagVariableOrLogin() throws {
        let variables = Environment(["TOKEN_BUDGET_ACTOR": "from-environment"])
        let none = Environment([:])
        #expect(try ControlOptions.actor("eva", variables, user: "root") == "eva")
        #expect(try ControlOptions.actor(nil, variables, user: "root") == "from-environment")
        #expect(try ControlOptions.actor(nil, none, user: "root") == "root")
        #expect(try ControlOptions.actor(nil, none, user: "zoë") == "zoë")
        #expect(try ControlOptions.actor("Éva", none, user: nil) == "Éva")
        #expect(try ControlOptions.actor(nil, none, user: "a\u{7}") == nil)
        #expect(throws: ValidationError.self) { try ControlOptions.actor("a\r\nb", none, user: nil) }
    }

    @Test func onlyYesIsYes() {
        for answer in ["y", "Yes", " yes "] { #expect(Confirmation.agrees(answer)) }
        for answer in ["", "n", "yeah", nil] { #expect(!Confirmation.agrees(answer)) }
    }
}
