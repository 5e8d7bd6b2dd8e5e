import BudgetModel
import Testing

@Suite struct PolicyAllowanceTests {
    @Test(arguments: [
        Refusal(allowance: "limits: 5", field: "limits", says: "did you mean \"limit\"?"),
        Refusal(
            "allowances: [{name: a, unit: tokens, window: day}]", path: "allowances[0]", says: "has no limit; write limit: 50000"),
        Refusal("allowances: [{unit: tokens, limit: 5, window: day}]", path: "allowances[0]", says: "has no name"),
        Refusal("allowances: {a: 1}", path: "allowances", says: "is a mapping; write a list of allowances"),
        Refusal(allowance: "unit: token", field: "unit", says: "did you mean \"tokens\"?"),
        Refusal(allowance: "name: 5", field: "name", says: "write it in quotes: \"5\""),
        Refusal(allowance: "name: " + String(repeating: "n", count: 65), field: "name", says: "1 to 64 bytes"),
        Refusal(allowance: "name: \"a\\tb\"", field: "name", says: "without control characters"),
        Refusal(allowance: "limit: \"5\"", field: "limit", says: "write the number without quotes: 5"),
        Refusal(allowance: "limit: -1", field: "limit", says: "\"-1\" is negative"),
        Refusal(allowance: "limit: 1.5", field: "limit", says: "no whole number"),
        Refusal(allowance: "limit: 1e3", field: "limit", says: "no whole number"),
        Refusal(allowance: "limit: +5", field: "limit", says: "no whole number"),
        Refusal(allowance: "limit: 050", field: "limit", says: "begins with a zero"),
        Refusal(allowance: "limit: 50_000", field: "limit", says: "write a whole number"),
        Refusal(allowance: "limit: .inf", field: "limit", says: "no whole number"),
        Refusal(allowance: "limit: null", field: "limit", says: "is empty"),
        Refusal(allowance: "limit: [5]", field: "limit", says: "is a list; write a whole number"),
        Refusal(allowance: "limit: 9007199254740992", field: "limit", says: "write at most 9007199254740991"),
        Refusal(allowance: "unit: usd, limit: 0.000000001", field: "limit", says: "write at most 8 decimal places"),
        Refusal(allowance: "unit: usd, limit: 90071992.54740992", field: "limit", says: "write at most 90071992.54740991"),
        Refusal(allowance: "unit: usd, limit: 0.12345678901234567890", field: "limit", says: "18 digits"),
        Refusal(allowance: "limit: 9007199254740991, overdraft: 1%", field: "limit", says: "write a lower limit"),
        Refusal(allowance: "soft_limit: 101%", field: "soft_limit", says: "write at most 100%"),
        Refusal(allowance: "soft_limit: 80", field: "soft_limit", says: "write 80%"),
        Refusal(allowance: "soft_limit: 0.8", field: "soft_limit", says: "write a percentage such as 80%"),
        Refusal(allowance: "overdraft: 1001%", field: "overdraft", says: "0% to 1000%"),
        Refusal(allowance: "time_zone: CEST+1", field: "time_zone", says: "IANA"),
        Refusal(allowance: "required: yes", field: "required", says: "write true or false"),
        Refusal(allowance: "shadow: \"true\"", field: "shadow", says: "write true or false"),
        Refusal(allowance: "per: user", field: "per", says: "write a list such as [user]"),
        Refusal(allowance: "per: [user, featur]", field: "per[1]", says: "did you mean \"feature\"?"),
        Refusal(allowance: "per: [user, user]", field: "per[1]", says: "name every dimension once"),
        Refusal(allowance: "match: {envronment: x}", field: "match.envronment", says: "did you mean \"environment\"?"),
        Refusal(allowance: "match: {team: 7}", field: "match.team", says: "write it in quotes: \"7\""),
        Refusal(allowance: "match: {team: \"\"}", field: "match.team", says: "is empty"),
    ])
    func anAllowanceIsRefused(_ refusal: Refusal) { refusal.check() }

    @Test(arguments: [
        Refusal(
            "allowances: [{name: a, unit: tokens, limit: 5}]", path: "allowances[0]", says: "has no window; write window: day"),
        Refusal(allowance: "unit: in_flight", field: "window", says: "leave window out"),
        Refusal(allowance: "window: dya", field: "window", says: "did you mean \"day\"?"),
        Refusal(allowance: "window: 5", field: "window", says: "write minute, hour, day, week, month or lifetime"),
        Refusal(allowance: "window: {}", field: "window", says: "write one of month, rolling or refill"),
        Refusal(allowance: "window: {rollin: 5h}", field: "window.rollin", says: "did you mean \"rolling\"?"),
        Refusal(allowance: "window: {month: 32}", field: "window.month", says: "a whole number from 1 to 31"),
        Refusal(allowance: "window: {month: 0}", field: "window.month", says: "a whole number from 1 to 31"),
        Refusal(allowance: "window: {rolling: 0h}", field: "window.rolling", says: "no duration above zero"),
        Refusal(allowance: "window: {rolling: 5x}", field: "window.rolling", says: "30s, 15m, 5h or 7d"),
        Refusal(allowance: "window: {rolling: 367d}", field: "window.rolling", says: "write at most 366d"),
        Refusal(allowance: "window: {rolling: 99999999999999999999d}", field: "window.rolling", says: "write at most 366d"),
        Refusal(allowance: "window: {refill: week}", field: "window.refill", says: "write minute, hour, day or a duration"),
        Refusal(allowance: "window: {refill: 30}", field: "window.refill", says: "write minute, hour, day or a duration"),
    ])
    func aWindowIsRefused(_ refusal: Refusal) { refusal.check() }

    @Test(arguments: [
        ("minute", Window.minute), ("hour", .hour), ("day", .day), ("week", .week), ("month", .month(anchorDay: 1)),
        ("{month: 31}", .month(anchorDay: 31)), ("{rolling: 90s}", .rolling(90_000)),
        ("{rolling: \"7d\"}", .rolling(604_800_000)),
        ("{refill: minute}", .refill(60_000)), ("{refill: hour}", .refill(3_600_000)), ("{refill: day}", .refill(86_400_000)),
        ("{refill: 15m}", .refill(900_000)), ("lifetime", .lifetime),
    ])
    func everyFormOfAWindowIsRead(text: String, window: Window) throws {
        let policy = try Policy(yaml: "allowances: [{name: a, unit: usd, limit: 1, window: \(text)}]")
        #expect(policy.allowances.first?.window == window)
    }

    @Test func onlyCalendarWindowsKeepAZone() throws {
        let policy = try Policy(
            yaml: """
                allowances:
                  - {name: a, unit: tokens, limit: 1, window: day}
                  - {name: b, unit: tokens, limit: 1, window: week, time_zone: Asia/Tokyo}
                  - {name: c, unit: tokens, limit: 1, window: {rolling: 5h}, time_zone: Asia/Tokyo}
                time_zone: Europe/Berlin
                """)
        #expect(policy.allowances.map(\.timeZone) == ["Europe/Berlin", "Asia/Tokyo", "UTC"])
    }

    @Test func dimensionsComeInOneOrder() throws {
        let policy = try Policy(yaml: "allowances: [{name: a, unit: requests, limit: 1, window: day, per: [model, team, user]}]")
        #expect(policy.allowances.first?.per == [.user, .team, .model])
    }

    @Test func dollarsAreExact() throws {
        let policy = try Policy(
            yaml: """
                allowances:
                  - {name: a, unit: usd, limit: 90071992.54740991, window: day}
                  - {name: b, unit: usd, limit: 1e-8, window: day}
                """)
        #expect(policy.allowances.map(\.limit) == [Amount.maximum, 1])
    }
}
