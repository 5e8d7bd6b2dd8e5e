import CommandSupport
import BudgetClient
import Foundation
import Testing

@testable import budget_load

@Suite struct JudgementTests {
    // MARK: Objectives

    private static func figures(_ milliseconds: ClosedRange<Int64>, errors: Int = 0, shed: Int = 0) -> Figures {
        var figures = Figures()
        for time in milliseconds { figures[.reserve].total.record(time * 1_000_000) }
        for _ in 0..<errors { figures.failed(.commit, "timed out") }
        for _ in 0..<shed { figures.shed(.reserve, "store_busy") }
        return figures
    }

    private static func isMet(_ text: String, _ figures: Figures, rate: Double = 0, _ ledger: LedgerFindings = .init()) throws -> Bool {
        try Objective(text).judge(figures, rate: rate, ledger).met
    }

    @Test func latencyIsJudgedByPercentile() throws {
        let figures = Self.figures(1...100)
        #expect(try Self.isMet("p50=51ms", figures))
        #expect(try !Self.isMet("p50=49ms", figures))
        #expect(try Self.isMet("p99.9=0.11s", figures))
        #expect(try !Self.isMet("max=99ms", figures))
        #expect(try !Self.isMet("commit.p99=1s", figures), "without answers there is no latency to be proud of")
    }

    @Test func shedAndErrorsAreCountedApart() throws {
        let figures = Self.figures(1...2, errors: 3, shed: 2)
        #expect(try Self.isMet("errors=3", figures) && !Self.isMet("errors=2", figures))
        #expect(try Self.isMet("shed=2", figures) && !Self.isMet("shed=0", figures))
    }

    @Test func aRateIsALeast() throws {
        #expect(try Self.isMet("rate=100", Figures(), rate: 100))
        #expect(try !Self.isMet("rate=100", Figures(), rate: 99))
    }

    @Test func nothingComparedIsNoLedgerWithoutMismatches() throws {
        #expect(try !Self.isMet("mismatches=0", Figures()))
        #expect(try Self.isMet("mismatches=0", Figures(), Self.ledger(used: 10)))
        #expect(try !Self.isMet("mismatches=0", Figures(), Self.ledger(used: 11)))
    }

    @Test func aListOfObjectivesIsRead() throws {
        #expect(try Objective.list("p99=1ms,errors=0,mismatches=0").map(\.text) == ["p99=1ms", "errors=0", "mismatches=0"])
    }

    @Test(arguments: ["", "p99", "p99=", "p99=1", "p101=1ms", "px=1ms", "errors=-1", "errors=1ms", "speed=1", "p99=1ms,", "rate=0"])
    func whatIsNoObjectiveIsRefused(text: String) {
        #expect(throws: Objective.Problem.self) { try Objective.list(text) }
    }

    // MARK: Ramps

    private static func step(offered: Int, answered: Int, milliseconds: Int64 = 1, errors: Int = 0, shed: Int = 0) -> Window {
        var window = Window()
        window.offered = offered
        for _ in 0..<answered { window.decided(.allow, after: milliseconds * 1_000_000) }
        window.errors = errors
        window.shed = shed
        return window
    }

    @Test func aStepIsSaturatedByDelayByBacklogOrByErrors() {
        let limit: Int64 = 20_000_000
        #expect(Saturation(Self.step(offered: 100, answered: 98), p99: limit) == nil)
        #expect(Saturation(Self.step(offered: 100, answered: 97), p99: limit) == .fallsBehind(0.97))
        #expect(Saturation(Self.step(offered: 100, answered: 100, milliseconds: 19), p99: limit) == nil)
        guard case .slow = Saturation(Self.step(offered: 100, answered: 100, milliseconds: 21), p99: limit) else {
            Issue.record("slow is saturated")
            return
        }
        #expect(Saturation(Self.step(offered: 100, answered: 99, errors: 1), p99: limit) == .errors(1))
        #expect(Saturation(Self.step(offered: 100, answered: 99, shed: 1), p99: limit) == .errors(1))
    }

    @Test func aRampIsReadStepByStep() throws {
        let ramp = try #require(Ramp("from=2000,to=10000,step=4000,each=5s"))
        #expect(ramp.stretches.map(\.rate) == [2_000, 6_000, 10_000])
        #expect(ramp.stretches.map(\.start) == [0, 5_000_000_000, 10_000_000_000])
        for text in [
            "", "from=1", "from=2,to=1,step=1,each=1s", "from=1,to=2,step=0,each=1s", "from=1,to=2,step=1,each=1",
            "from=1,to=9,step=1,each=1s,each=2s",
        ] {
            #expect(Ramp(text) == nil, "\(text)")
        }
    }

    // MARK: Ledger

    private static func counters(_ json: String) throws -> [AllowanceReply] {
        let user = #"{"user":"u","frozen":false,"allowances":[\#(json)]}"#
        return try JSONDecoder().decode(UserReply.self, from: Data(user.utf8)).allowances
    }

    private static func counter(_ name: String, used: Int, held: Int, ends: String = "monday", more: String = "") -> String {
        #"{"name":"\#(name)","unit":"tokens","limit":1000,"used":\#(used),"held":\#(held),"remaining":1,"resets_at":"\#(ends)"\#(more)}"#
    }

    private static func ledger(used: Int) throws -> LedgerFindings {
        var findings = LedgerFindings()
        findings.compare("u", used: 10, held: 0, try counters(counter("daily", used: used, held: 0)), steady: ["daily": "monday"])
        return findings
    }

    @Test func usedAndHeldMustBothAgree() throws {
        #expect(try Self.ledger(used: 10).mismatches == 0)
        #expect(try Self.ledger(used: 9).mismatches == 1)
        var findings = LedgerFindings()
        findings.compare("u", used: 1, held: 2, try Self.counters(Self.counter("daily", used: 1, held: 3)), steady: ["daily": "monday"])
        #expect(findings.examples.map(\.figure) == ["held"])
        #expect(findings.compared == 1)
    }

    @Test func onlyCountersOfAllRequestsInOneWindowAreCompared() throws {
        let counters = [
            Self.counter("daily", used: 5, held: 0), Self.counter("rolled", used: 0, held: 0, ends: "tuesday"),
            Self.counter("chat", used: 1, held: 0, more: #","dimensions":{"feature":"chat"}"#), Self.counter("burst", used: 1, held: 0),
        ]
        var findings = LedgerFindings()
        let steady = ["daily": "monday", "rolled": "monday"]
        findings.compare("u", used: 5, held: 0, try Self.counters(counters.joined(separator: ",")), steady: steady)
        #expect(findings.compared == 1)
        #expect(findings.skipped == 3)
        #expect(findings.mismatches == 0)
    }

    @Test func aCounterThatIsGoneIsAMismatch() {
        var findings = LedgerFindings()
        findings.compare("u", used: 5, held: 0, [], steady: ["daily": "monday"])
        #expect(findings.examples.map(\.found) == ["missing"])
    }

    @Test func anOpenHoldCountsUntilItsEnd() throws {
        var maker = RequestMaker(try Example.settings(port: 1))
        let request = LoadRequest(&maker)
        request.held = 300
        request.ends = 100_000_000_000...101_000_000_000
        var books = Books(users: 10)
        books.decided(request)
        books.leave(request)
        #expect(books.held(by: request.user, at: 50_000_000_000) == 300)
        #expect(books.held(by: request.user, at: 100_500_000_000) == nil, "it may or may not have ended")
        #expect(books.held(by: request.user, at: 103_000_000_000) == 0)
        #expect(books.busiest(5) == [request.user])
    }
}
