import BudgetModel
import Testing
@testable import UsageLedger

/// What the ledger advises: each kind with figures worked out by hand, and a case in which it must keep quiet.
@Suite struct InsightTests {
    /// `large` costs 2.50 and 10.00 USD per million tokens, 1.25 from the cache, half of that in batches; `small` 0.15 and 0.60.
    private static let policy = """
        default_tier: free
        tiers:
          free: {degrade_to: [large, small, tiny]}
          flat: {}
        features: {legal: {degrade_to: []}}
        prices:
          large: {input: 2.50, cached_input: 1.25, output: 10.00, batch: {input: 1.25, output: 5.00}, max_output_tokens: 4096}
          small: {input: 0.15, output: 0.60, max_output_tokens: 400}
          tiny: {input: 0.05, output: 0.20, max_output_tokens: 400}
        """
    private static let week = (from: Times.noon - 7 * Times.day, to: Times.noon + Times.day)

    /// `count` commits of a kind on `large`, a second apart: 1,000 input and 100 output tokens, $0.0035 each, unless said otherwise.
    private static func commits(
        _ count: Int64 = 20, from first: Int64 = 1, at time: Int64 = Times.noon, input: Int64 = 1_000, output: Int64 = 100,
        _ change: (inout LedgerEvent) -> Void = { _ in }
    ) -> [LedgerEvent] {
        (0..<count).map { number in
            var event = LedgerEvent.commit(
                first + number, model: "large", at: time + number * 1_000, input: input, output: output,
                cost: input * 250 + output * 1_000)
            event.attribution.feature = "chat"
            event.attribution.tier = "free"
            change(&event)
            return event
        }
    }

    private func report(
        _ events: [LedgerEvent], _ backend: Backend = .sqlite, _ change: (inout InsightQuery) -> Void = { _ in }
    ) async throws -> InsightReport {
        let ledger = try await TestLedger(backend)
        try await ledger.book(events)
        var query = InsightQuery(
            from: Self.week.from, to: Self.week.to, prices: PolicySnapshot(try Policy(yaml: Self.policy), at: Times.noon))
        change(&query)
        return try await ledger.store.insights(query)
    }

    private func insights(
        _ kind: Insight.Kind, _ events: [LedgerEvent], _ backend: Backend = .sqlite, _ change: (inout InsightQuery) -> Void = { _ in }
    ) async throws -> [Insight] {
        try await report(events, backend, change).insights.filter { $0.kind == kind }
    }

    // MARK: Longest answers

    @Test(arguments: Backend.available) func aGrantFarAboveEveryAnswerIsNamed(_ backend: Backend) async throws {
        let events = Self.commits { event in
            event.maximumOutputGranted = 2_000
            if event.id.sequence == 7 { event.usage.outputTokens = 180 }
        }
        let insight = try #require(try await insights(.outputLimit, events, backend).first)
        // 200 instead of 2,000: 1,800 output tokens at 10.00 USD per million.
        #expect(insight[evidence: "suggested_max_output_tokens"] == .count(200))
        #expect(insight[evidence: "held_tokens_less_per_request"] == .count(1_800))
        #expect(insight[evidence: "held_usd_less_per_request"] == .dollars(1_800_000))
        #expect(insight.saving == 0 && insight.confidence == .high)
        #expect(insight.subject == [.init("feature", "chat"), .init("model", "large")])
        #expect(insight.sentence.contains("no answer was longer than 180: max_output_tokens 200 would hold 1,800 tokens ($0.02) less"))
    }

    @Test func oneLongAnswerAmongMostShortOnesIsToldOf() async throws {
        let events = Self.commits(200) { event in
            event.maximumOutputGranted = 2_000
            if event.id.sequence == 7 { event.usage.outputTokens = 2_000 }
        }
        let insight = try #require(try await insights(.outputLimit, events).first)
        #expect(insight[evidence: "suggested_max_output_tokens"] == .count(100))
        #expect(insight[evidence: "answers_above"] == .count(1) && insight.confidence == .medium)
    }

    @Test func aGrantThatIsUsedIsNotNamed() async throws {
        let used = Self.commits { $0.maximumOutputGranted = 150 }
        #expect(try await insights(.outputLimit, used).isEmpty)
        #expect(try await insights(.outputLimit, Self.commits(19) { $0.maximumOutputGranted = 2_000 }).isEmpty)
        #expect(try await insights(.outputLimit, Self.commits()).isEmpty, "without a grant")
    }

    // MARK: Cheaper rungs

    @Test(arguments: Backend.available) func theNextRungIsPricedForSmallRequests(_ backend: Backend) async throws {
        let long = Self.commits(5, from: 100, input: 2_001)
        let insight = try #require(try await insights(.smallerModel, Self.commits() + long, backend).first)
        // 20 x (1,000 x 2.50 + 100 x 10.00) and 20 x (1,000 x 0.15 + 100 x 0.60) millionths.
        #expect(insight[evidence: "cost_usd"] == .dollars(7_000_000))
        #expect(insight[evidence: "suggested_cost_usd"] == .dollars(420_000))
        #expect(insight[evidence: "suggested_model"] == .text("small"))
        #expect(insight[evidence: "requests"] == .count(25) && insight[evidence: "small_requests"] == .count(20))
        #expect(insight.saving == 6_580_000)
    }

    @Test func aRungWhoseAnswersEndTooEarlyIsNoneAtAll() async throws {
        #expect(try await insights(.smallerModel, Self.commits(output: 401)).isEmpty)
    }

    @Test func withoutALadderOrWithReasoningNothingIsSmaller() async throws {
        #expect(try await insights(.smallerModel, Self.commits { $0.attribution.tier = "flat" }).isEmpty)
        #expect(try await insights(.smallerModel, Self.commits { $0.attribution.feature = "legal" }).isEmpty)
        #expect(try await insights(.smallerModel, Self.commits { $0.usage.reasoningTokens = 1 }).isEmpty)
        let last = Self.commits { $0.model = "tiny" }
        #expect(try await insights(.smallerModel, last).isEmpty, "nothing follows on the ladder")
    }

    @Test func theLadderFollowsTheModelCharged() async throws {
        let events = Self.commits { event in
            event.model = "small"
            event.cost = 21_000
        }
        let insight = try #require(try await insights(.smallerModel, events).first)
        #expect(insight[evidence: "suggested_model"] == .text("tiny") && insight.saving == 20 * (21_000 - 7_000))
    }

    // MARK: Repeated prompts

    @Test(arguments: Backend.available) func allButTheFirstOfAPromptCouldBeSaved(_ backend: Backend) async throws {
        var events = Self.commits(3) { event in
            event.promptHash = "9f"
            if event.id.sequence == 1 { event.cost = 100 }
        }
        events += Self.commits(2, from: 50) { event in
            event.promptHash = "9f"
            event.attribution.feature = "search"
        }
        let found = try await insights(.repeatedPrompt, events, backend)
        #expect(found.map(\.saving) == [700_000, 350_000])
        #expect(found[0].subject == [.init("feature", "chat"), .init("model", "large"), .init("prompt_hash", "9f")])
        #expect(found[0][evidence: "requests"] == .count(3) && found[0][evidence: "first_cost_usd"] == .dollars(100))
    }

    @Test func promptsThatDifferAreNotRepeated() async throws {
        #expect(try await insights(.repeatedPrompt, Self.commits { $0.promptHash = "\($0.id.sequence)" }).isEmpty)
        #expect(try await insights(.repeatedPrompt, Self.commits()).isEmpty)
    }

    // MARK: Batch

    @Test(arguments: Backend.available) func whatItsLabelsLetWaitIsPricedAtBatchRates(_ backend: Backend) async throws {
        let others = Self.commits(5, from: 100) { $0.labels = ["batch": "no", "note": #""batch":"ok""#] }
        let events = Self.commits { $0.labels = ["release": "7", "batch": "ok"] } + others
        let insight = try #require(try await insights(.batch, events, backend).first)
        #expect(insight.saving == 3_500_000 && insight.confidence == .high)
        #expect(insight[evidence: "requests"] == .count(20) && insight[evidence: "assumed_half_price"] == .flag(false))
    }

    @Test(arguments: [["batchable": "true"], ["interactive": "false"]])
    func withoutBatchRatesHalfThePriceIsAssumed(_ labels: [String: String]) async throws {
        let events = Self.commits { event in
            event.labels = labels
            event.model = "small"
            event.cost = 21_001
        }
        let insight = try #require(try await insights(.batch, events).first)
        #expect(insight.saving == 20 * 10_500 && insight.confidence == .medium)
        #expect(insight[evidence: "assumed_half_price"] == .flag(true))
    }

    @Test func aNightlyJobIsGuessedAt() async throws {
        let nights = (0..<3).flatMap { night in
            Self.commits(10, from: Int64(night) * 100, at: Times.noon - Int64(night) * Times.day - 10 * Times.hour)
        }
        let insight = try #require(try await insights(.batch, nights).first)
        #expect(insight.confidence == .low && insight[evidence: "known_by"] == .text("night"))
    }

    @Test func whatComesByDayOrIsBatchedAlreadyIsLeftAlone() async throws {
        #expect(try await insights(.batch, Self.commits()).isEmpty)
        let batched = Self.commits { event in
            event.labels = ["batch": "ok"]
            event.priceClass = .batch
        }
        #expect(try await insights(.batch, batched).isEmpty)
        let night = Self.commits(at: Times.noon - 10 * Times.hour)
        #expect(try await insights(.batch, night).isEmpty, "one night is no habit")
    }

    // MARK: Prompt caching

    @Test(arguments: Backend.available) func inputThatIsMostlyTheSameCouldBeCached(_ backend: Backend) async throws {
        // 10 of 3,000 and 10 of 5,000 tokens: p5 3,000, mean 4,000.
        let events = Self.commits(10, input: 3_000) + Self.commits(10, from: 50, input: 5_000)
        let insight = try #require(try await insights(.promptCaching, events, backend).first)
        let floor = Distribution.bucket(3_000)
        #expect(insight[evidence: "input_p5"] == .count(floor) && insight[evidence: "input_mean"] == .count(4_000))
        #expect(insight[evidence: "cacheable_tokens"] == .count(20 * floor))
        #expect(insight.saving == 20 * floor * 125)
    }

    @Test func inputThatVariesOrIsCachedOrShortIsNot() async throws {
        let varied = Self.commits(10, input: 2_000) + Self.commits(10, from: 50, input: 9_000)
        #expect(try await insights(.promptCaching, varied).isEmpty)
        #expect(try await insights(.promptCaching, Self.commits(input: 999)).isEmpty)
        #expect(try await insights(.promptCaching, Self.commits(input: 4_000) { $0.usage.cachedInputTokens = 800 }).isEmpty)
        #expect(
            try await insights(.promptCaching, Self.commits(input: 4_000) { $0.model = "small" }).isEmpty, "no price for cached input")
    }

    // MARK: Plans

    @Test(arguments: Backend.available) func usersWhoCostMoreThanTheirPlanAreNamed(_ backend: Backend) async throws {
        func month(_ user: Identifier, _ plan: Identifier?, _ cost: Int64, _ sequence: Int64) -> LedgerEvent {
            var event = LedgerEvent.commit(sequence, user: user, at: Times.noon - 10 * Times.day, cost: cost)
            event.attribution.plan = plan
            return event
        }
        let events = [
            month("ann", "pro", 2_500_000_000, 1), month("bob", "pro", 2_000_000_000, 2), month("cyd", nil, 9_000_000_000, 3),
            month("dee", "team", 9_000_000_000, 4), month("eve", "pro", 600_000_000, 5),
        ]
        let found = try await insights(.costAbovePlan, events, backend) { $0.revenue = ["pro": 2_000_000_000, "team": 9_900_000_000] }
        #expect(found.map(\.saving) == [500_000_000])
        #expect(found.first?.subject == [.init("user", "ann"), .init("plan", "pro")])
        #expect(
            found.first?.sentence == """
                User "ann" has cost $25.00 in 2026-11: $5.00 more than the $20.00 that plan "pro" brings in a month.
                """)
        #expect(try await insights(.costAbovePlan, events).isEmpty, "nobody said what plans bring")
    }

    // MARK: The whole

    @Test func theLargestSavingComesFirstAndIsToldForThirtyDays() async throws {
        let cheap = Self.commits(from: 500) { event in
            event.attribution.feature = "search"
            event.cost = 200_000
        }
        let early = Self.commits(1, from: 900, at: Times.noon - 4 * Times.day) { $0.attribution.feature = "other" }
        let report = try await report(Self.commits() + cheap + early)
        let savings = report.insights.map(\.saving)
        #expect(savings == savings.sorted(by: >) && report.requests == 41)
        // From the first request on: five days.
        #expect(report.from == Times.noon - 4 * Times.day && report.insights.first?.saving == 6_580_000)
        #expect(report.insights.first?.monthlySaving == 39_480_000)
    }

    @Test(arguments: Backend.available) func ofTooManyRowsTheNewestAreLookedAt(_ backend: Backend) async throws {
        let report = try await report(Self.commits(), backend) { $0.limits.rows = 5 }
        #expect(report.isCapped && report.requests == 5 && report.from == Times.noon + 15_000)
        #expect(try await self.report(Self.commits(), backend) { $0.limits.rows = 20 }.isCapped == false)
    }

    @Test func onlySoManyOfAKindAreTold() async throws {
        let events = (0..<30).flatMap { number in
            Self.commits(2, from: number * 10) { event in
                event.promptHash = "\(number)"
                event.cost = number + 1
            }
        }
        let found = try await insights(.repeatedPrompt, events) { $0.limits.perKind = 3 }
        #expect(found.map(\.saving) == [30, 29, 28])
    }

    @Test func anEmptyLedgerAdvisesNothing() async throws {
        let report = try await report([])
        #expect(report.insights.isEmpty && report.requests == 0)
    }
}
