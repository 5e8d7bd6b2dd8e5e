import BudgetModel
@testable import ControlServer
import Testing
import UsageLedger

/// When an allowance will have nothing left.
@Suite("The outlook of an allowance") struct AllowanceOutlookTests {
    /// 2026-11-11T00:00:00Z: ten days of November have passed.
    private static let now: Int64 = 1_794_355_200_000
    private static let day: Int64 = 86_400_000
    private static let nextMonth = now + 20 * day

    private func outlook(
        _ window: Window, limit: Int64 = 3_000, used: Int64, held: Int64 = 0, resetsAt: Int64? = nextMonth,
        unit: AllowanceUnit = .tokens
    ) -> AllowanceOutlook {
        let allowance = Allowance(
            name: "company", unit: unit, limit: limit, window: window, timeZone: "UTC", per: [], match: [:], softLimit: nil,
            overdraft: .zero, required: false, shadow: false)
        let counter = CounterKey(name: "company", identity: CounterKey.identity(of: allowance), isPerUser: false, values: [])
        let state = AllowanceState(
            CompiledAllowance(allowance, calendar: nil), counter, limit: limit, used: used, held: held, resetsAt: resetsAt)
        return AllowanceOutlook(state, allowance, now: Self.now)
    }

    @Test("at the rate since the month began it ends before the month, or it does not")
    func month() {
        let tooFast = outlook(.month(anchorDay: 1), used: 1_500)
        // 150 a day, 1,500 left.
        #expect(tooFast.verdict == .runsOut(at: Self.now + 10 * Self.day) && tooFast.perDay == 150)
        #expect(
            tooFast.sentence == """
                "company" will have nothing left at 2026-11-21T00:00:00Z at the present rate, 150 tokens a day, before it resets at \
                2026-12-01T00:00:00Z: 1,500 tokens of 3,000 are used.
                """)
        #expect(outlook(.month(anchorDay: 1), used: 1_000).verdict == .lasts, "it would end as it resets")
        #expect(outlook(.month(anchorDay: 1), used: 0).verdict == .lasts)
    }

    @Test("what is held is not left")
    func holds() {
        #expect(outlook(.month(anchorDay: 1), used: 1_500, held: 750).verdict == .runsOut(at: Self.now + 5 * Self.day))
        #expect(outlook(.month(anchorDay: 1), used: 1_500, held: 1_500).verdict == .usedUp)
    }

    @Test("a rolling window began as long ago as it is long")
    func rolling() {
        let outlook = outlook(.rolling(2 * Self.day), used: 2_000, resetsAt: Self.now + Self.day)
        #expect(outlook.verdict == .runsOut(at: Self.now + Self.day / 2))
        #expect(self.outlook(.rolling(Self.day), used: 0, resetsAt: nil).verdict == .lasts)
    }

    @Test("early in its window little can be said")
    func confidence() {
        #expect(outlook(.month(anchorDay: 10), used: 10).confidence == .low)
        #expect(outlook(.month(anchorDay: 1), used: 10).confidence == .medium)
    }

    @Test("without a window nothing is foreseen", arguments: [.refill(3_600_000), .lifetime] as [Window])
    func noWindow(_ window: Window) {
        let outlook = outlook(window, used: 10, resetsAt: nil)
        guard case .unknown = outlook.verdict else {
            Issue.record("\(outlook.verdict)")
            return
        }
        #expect(outlook.perDay == nil && outlook.confidence == .low)
    }

    @Test("money is told in dollars")
    func money() {
        let outlook = outlook(.month(anchorDay: 1), limit: 300_000_000, used: 100_000_000, unit: .usd)
        #expect(outlook.sentence.contains("$0.10 a day") && outlook.sentence.contains("$1.00 of $3.00 are used"))
    }
}
