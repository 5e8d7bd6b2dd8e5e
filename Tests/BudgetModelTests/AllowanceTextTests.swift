import BudgetModel
import Testing

@Suite struct AllowanceTextTests {
    private static func text(_ unit: AllowanceUnit, limit: Int64, own: Int64? = nil) -> String {
        let allowance = Allowance(
            name: "a \"quoted\" name", unit: unit, limit: limit, window: .lifetime, timeZone: "UTC", per: [.user, .feature], match: [:],
            softLimit: nil, overdraft: .zero, required: false, shadow: true)
        let counter = CounterKey(
            name: allowance.name, identity: CounterKey.identity(of: allowance), isPerUser: true, values: ["chat"])
        let state = AllowanceState(
            CompiledAllowance(allowance, calendar: nil), counter, limit: own ?? limit, used: 150_000_000, held: 1, resetsAt: nil)
        var json = JSONText()
        json.allowances([state, state], withDimensions: true)
        return json.string
    }

    private static func expected(_ unit: String, limit: String, used: String, held: String, remaining: String) -> String {
        let counter = #"""
            {"name":"a \"quoted\" name","unit":"\#(unit)","limit":\#(limit),"used":\#(used),"held":\#(held),"remaining":\#(remaining),\#
            "resets_at":null,"dimensions":{"feature":"chat"},"shadow":true}
            """#
        return #""allowances":[\#(counter),\#(counter)]"#
    }

    @Test("a counter at its allowance's limit and one at a user's own read the same but for the limit")
    func tokens() {
        #expect(
            Self.text(.tokens, limit: 200_000_000)
                == Self.expected("tokens", limit: "200000000", used: "150000000", held: "1", remaining: "49999999"))
        #expect(
            Self.text(.tokens, limit: 200_000_000, own: 150_000_002)
                == Self.expected("tokens", limit: "150000002", used: "150000000", held: "1", remaining: "1"))
    }

    @Test("money is in dollars")
    func money() {
        let read = Self.expected("usd", limit: "2", used: "1.5", held: "0.00000001", remaining: "0.49999999")
        #expect(Self.text(.usd, limit: 200_000_000) == read)
        #expect(Self.text(.usd, limit: 900_000_000, own: 200_000_000) == read)
    }
}
