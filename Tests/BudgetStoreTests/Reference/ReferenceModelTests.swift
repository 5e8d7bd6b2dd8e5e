@testable import BudgetModel
import Foundation
import Testing

/// Cases worked out by hand, so that the reference itself can be believed.
@Suite struct ReferenceModelTests {
    let now = at("2026-11-20T22:58:00Z")

    @Test func theContractsExampleDegradesAndSettles() throws {
        var model = ReferenceModel(policy: policy([daily(50_000, soft: 80)], ladder: ["gpt-4o-mini"]))
        let first = try model.reserve(ask(36_000, max: 2_000), at: now)
        _ = try model.commit(first.reservation!, usage: .init(input: 36_000, output: 2_000), at: now)
        let open = try model.reserve(ask(1_500, max: 500), at: now)
        #expect(open.verdict == .allow && open.reason == nil && open.held == .init(tokens: 2_000, cost: 875_000))
        let next = try model.reserve(ask(1_500, max: 500), at: now)
        #expect(next.verdict == .degrade && next.model == "gpt-4o-mini" && next.reason == "soft_limit")
        #expect(next.allowance == "daily" && next.held == .init(tokens: 2_000, cost: 52_500))
        let (state, reset) = (next.allowances[0], at("2026-11-21T05:00:00Z"))
        #expect(state.used == 38_000 && state.held == 4_000 && state.remaining == 8_000 && state.resetsAt == reset)
        let settled = try model.commit(
            open.reservation!, usage: .init(input: 1_500, output: 321, cached: 1_000), model: "gpt-4o-2024-11-20", at: now)
        #expect(settled.charged == .init(tokens: 1_821, cost: 571_000))
        #expect(settled.released == .init(tokens: 179, cost: 304_000) && !settled.overHold && !settled.unpriced)
    }

    @Test func anAnswerIsShortenedToWhatFitsRoundingIncluded() throws {
        var money = allowance("money", .usd, 1_000, .day)
        var model = ReferenceModel(policy: policy([money]))
        // 15 microcents a token in, 60 out: 150 + 14 x 60 = 990.
        let mini = try model.reserve(ask(10, max: 100, min: 0, model: "gpt-4o-mini"), at: now, dry: true)
        #expect(mini.output == 14 && mini.held?.cost == 990 && mini.reason == "output_shortened" && mini.expiresAt == nil)
        money.limit = 1
        model.policy = policy([money])
        // A quarter of a microcent a token: four cost 1, five cost 2.
        #expect(try model.reserve(ask(0, max: 9, min: 1, model: "nano"), at: now).output == 4)
        #expect(try model.reserve(ask(0, max: 9, min: 0, model: "nano"), at: now).output == 0)
    }

    @Test func beyondTheLimitComeOverdraftThenProtectedHoursThenReject() throws {
        var policy = policy([daily(1_000, soft: 50, overdraft: 20)])
        policy.tiers["free"]!.protectedHours = ProtectedHours(
            weekdays: [0, 1, 2, 3, 4], start: 540, end: 1_080, timeZone: "Europe/Berlin", grace: Percentage(parts: 10_000))
        var model = ReferenceModel(policy: policy)
        for (input, reason) in [(400, nil), (400, "soft_limit"), (100, "overdraft")] {
            #expect(try model.reserve(ask(Int64(input), max: 100), at: now).reason == reason)
        }
        let late = try model.reserve(ask(100, max: 0), at: now)
        #expect(late.verdict == .reject && late.reason == "limit" && late.allowance == "daily")
        #expect(late.retryAfterSeconds == 21_720)
        #expect(try model.reserve(ask(1_201, max: 0), at: now).reason == "too_large")
        // Friday, 17:59:59 in Berlin; the day in New York began 11 hours before.
        let friday = at("2026-11-20T16:59:59Z")
        model = ReferenceModel(policy: policy)
        for (input, reason) in [(1_200, "overdraft"), (100, "protected_hours"), (1, "limit"), (1_301, "too_large")] {
            #expect(try model.reserve(ask(Int64(input), max: 0), at: friday).reason == reason)
        }
    }

    @Test func aRefillDrainsInFractionsAndSaysWhenANeedFits() throws {
        var model = ReferenceModel(policy: policy([allowance("burst", .tokens, 7, .refill(60_000))]))
        let id = try model.reserve(ask(7, max: 0), at: 0).reservation!
        _ = try model.commit(id, usage: .init(input: 7, output: 0), at: 0)
        let refused = try model.reserve(ask(1, max: 0), at: 1_000)
        // One unit in 60,000 / 7 = 8,571.43 ms, all seven in 60,000.
        #expect(refused.reason == "limit" && refused.retryAfterSeconds == 8 && refused.allowances[0].resetsAt == 60_000)
        #expect(try model.reserve(ask(1, max: 0), at: 8_571).verdict == .reject)
        #expect(try model.reserve(ask(1, max: 0), at: 8_572).verdict == .allow)
        // The limit doubles, but until a reserve said so it drained at seven a minute: 6 + 1 - 7 x 20,000 / 60,000.
        model.policy = policy([allowance("burst", .tokens, 14, .refill(60_000))])
        let state = try model.reserve(ask(0, max: 0), at: 20_000).allowances[0]
        #expect(state.used == 5 && state.held == 1 && state.remaining == 8)
    }

    @Test func aHoldSettlesAgainstTheWindowItWasTakenFrom() throws {
        var model = ReferenceModel(policy: policy([allowance("five", .tokens, 100, .rolling(5_000))]))
        let old = try model.reserve(ask(60, max: 0), at: 1_000)
        #expect(old.allowances[0].resetsAt == 6_000)
        let new = try model.reserve(ask(70, max: 0), at: 6_000)
        #expect(new.verdict == .allow && new.allowances[0].held == 70 && new.allowances[0].resetsAt == 11_000)
        _ = try model.commit(old.reservation!, usage: .init(input: 60, output: 0), at: 6_001)
        #expect(model.counters(at: 6_001).values.map(\.used) == [0])
    }

    @Test func aLateCommitIsBookedInFullOnce() throws {
        var model = ReferenceModel(policy: policy([daily(100), allowance("calls", .requests, 1, .day)]))
        let id = try model.reserve(ask(60, max: 40), at: now).reservation!
        #expect(try model.reserve(ask(0, max: 0), at: now + 119_999).reason == "limit")
        #expect(model.counters(at: now).values.map(\.held).sorted() == [1, 100])
        model.expire(at: now + 120_000)
        #expect(model.counters(at: now + 120_000).values.allSatisfy { $0.used == 0 && $0.held == 0 })
        let late = try model.commit(id, usage: .init(input: 60, output: 50), at: now + 130_000)
        #expect(late.late && late.overHold && late.released.tokens == 0 && late.charged.tokens == 110)
        let again = try model.commit(id, usage: .init(input: 60, output: 50), at: now + 130_001)
        #expect(again.replayed && again.late && again.charged == late.charged)
        #expect(model.counters(at: now + 130_001).values.map(\.used).sorted() == [1, 110])
        #expect(throws: ReferenceRefusal.alreadyCommitted) { try model.commit(id, usage: nil, at: now + 130_002) }
    }

    @Test func checkpointsBookTheDifferenceAndMaySayStop() throws {
        var model = ReferenceModel(policy: policy([daily(100), allowance("parallel", .inFlight, 2, .none)]))
        let id = try model.reserve(ask(60, max: 40), at: now).reservation!
        let first = try model.commit(id, usage: .init(input: 60, output: 10), final: false, at: now + 100_000)
        #expect(first.state == "active" && first.stop == false)
        #expect(first.allowances.map(\.used) == [70, 0] && first.allowances.map(\.held) == [30, 1])
        let back = try model.commit(id, usage: .init(input: 60, output: 5), final: false, at: now + 100_000)
        #expect(back.allowances.map(\.used) == [65, 0] && back.allowances.map(\.held) == [35, 1])
        let more = try model.commit(id, usage: .init(input: 65, output: 35), final: false, at: now + 219_999)
        #expect(more.stop == true && more.allowances.map(\.held) == [0, 1])
        let late = try model.commit(id, usage: .init(input: 66, output: 35), final: false, at: now + 340_000)
        #expect(late.state == "expired" && late.late && late.allowances.map(\.used) == [101, 0])
        #expect(try model.release(id, at: now + 340_000) == .init(state: "expired", released: .init(tokens: 0, cost: 0)))
    }

    @Test func onlyOpenReservationsAreInFlight() throws {
        var model = ReferenceModel(policy: policy([allowance("parallel", .inFlight, 1, .none)]))
        let id = try model.reserve(ask(60, max: 40), at: now).reservation!
        let refused = try model.reserve(ask(1, max: 1), at: now)
        #expect(refused.reason == "in_flight" && refused.retryAfterSeconds == 1 && refused.allowances[0].resetsAt == nil)
        #expect(try model.release(id, at: now).released == .init(tokens: 100, cost: 55_000))
        #expect(try model.release(id, at: now).replayed)
        #expect(throws: ReferenceRefusal.reservationEnded) { try model.extend(id, ttl: 1, at: now) }
        #expect(try model.reserve(ask(1, max: 1), at: now).verdict == .allow)
    }

    @Test func everyRungHasItsOwnCountersAndCatalogueName() throws {
        var daily = daily(100)
        daily.per = [.user, .model]
        var model = ReferenceModel(policy: policy([daily], ladder: ["latest", "gpt-4o-mini"]))
        #expect(try model.reserve(ask(100, max: 0, model: "latest"), at: now).model == "latest")
        let next = try model.reserve(ask(100, max: 0, model: "gpt-4o-20241120"), at: now)
        #expect(next.model == "gpt-4o-mini" && next.reason == "limit" && next.allowance == "daily")
        #expect(Set(model.counters.keys.map { $0.values[1] }) == ["gpt-4o", "gpt-4o-mini"])
        let skipped = try model.reserve(ask(0, max: 50, min: 20, model: "short"), at: now + 200_000)
        #expect(skipped.model == "latest" && skipped.reason == "limit" && skipped.allowance == nil)
        #expect(throws: ReferenceRefusal.unpricedModel) {
            var money = ReferenceModel(policy: policy([allowance("money", .usd, 9, .lifetime)]))
            _ = try money.reserve(ask(1, max: 1, model: "nobody's"), at: now)
        }
    }

    @Test func opsRaiseLimitsAndFreeze() throws {
        var model = ReferenceModel(policy: policy([daily(100, soft: 50)], ladder: ["gpt-4o-mini"]))
        model.assignments["u"] = .init(limits: ["daily": 200], grants: [.init(allowance: "daily", amount: 30, before: now)])
        #expect(try model.reserve(ask(100, max: 0), at: now).model == "gpt-4o")
        let next = try model.reserve(ask(130, max: 0), at: now)
        #expect(next.model == "gpt-4o-mini" && next.allowances[0].limit == 230 && next.allowances[0].remaining == 0)
        model.assignments["u"]?.frozen = true
        let frozen = try model.reserve(ask(0, max: 0), at: now)
        #expect(frozen.reason == "frozen" && frozen.allowance == nil && frozen.retryAfterSeconds == nil)
    }

    @Test func aKeyMakesARetrySafe() throws {
        var model = ReferenceModel(policy: policy([daily(100)]))
        var request = ask(10, max: 0)
        request.idempotencyKey = "k"
        let first = try model.reserve(request, at: now)
        #expect(try model.reserve(request, at: now + 1).reservation == first.reservation && model.lastReservation == 1)
        request.inputTokens = 11
        #expect(throws: ReferenceRefusal.idempotencyKeyReused) { try model.reserve(request, at: now) }
        request.inputTokens = 10
        _ = try model.release(first.reservation!, at: now)
        #expect(throws: ReferenceRefusal.reservationEnded) { try model.reserve(request, at: now) }
        let record = ReferenceRecord(caller: .init(user: "u"), cost: 7, idempotencyKey: "r")
        #expect(try model.record(record, at: now).charged == .init(tokens: 0, cost: 7))
        #expect(try model.record(record, at: now).replayed)
    }

    @Test func aSessionsLifetimeEndsThirtyDaysAfterItsLastUse() throws {
        var run = allowance("run", .tokens, 10, .lifetime)
        run.per = [.session]
        var model = ReferenceModel(policy: policy([run]))
        var request = ask(10, max: 0)
        request.caller.session = "s"
        let id = try model.reserve(request, at: now).reservation!
        _ = try model.commit(id, usage: .init(input: 10, output: 0), at: now)
        let refused = try model.reserve(request, at: now + 30 * ReferenceModel.day - 1)
        #expect(refused.reason == "limit" && refused.retryAfterSeconds == nil)
        #expect(try model.reserve(request, at: now + 30 * ReferenceModel.day).verdict == .allow)
    }

    @Test(arguments: [
        (Window.day, "America/New_York", "2026-11-01T12:00:00Z", "2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z"),
        (.week, "UTC", "2026-11-22T23:59:59Z", "2026-11-16T00:00:00Z", "2026-11-23T00:00:00Z"),
        (.month(anchorDay: 31), "UTC", "2026-03-01T00:00:00Z", "2026-02-28T00:00:00Z", "2026-03-31T00:00:00Z"),
        (.month(anchorDay: 15), "UTC", "2026-01-14T23:59:59Z", "2025-12-15T00:00:00Z", "2026-01-15T00:00:00Z"),
        (.day, "America/Sao_Paulo", "2018-11-04T12:00:00Z", "2018-11-04T03:00:00Z", "2018-11-05T02:00:00Z"),
        (.hour, "Australia/Lord_Howe", "2020-10-03T15:30:00Z", "2020-10-03T15:30:00Z", "2020-10-03T16:00:00Z"),
    ])
    func calendarWindowsFollowTheWallClock(_ window: Window, zone: String, now: String, start: String, end: String) {
        let bounds = ReferenceCalendar.bounds(of: window, zone: zone, at: at(now))
        #expect(bounds.start == at(start) && bounds.end == at(end))
    }

    @Test func aClassesOwnRateWinsOverAStandardStep() throws {
        let rates = ReferenceModel.rates(of: "long", .batch, input: 200_001, in: policy([]).catalogue)
        #expect(rates == .init(input: 600_000_000, cached: 600_000_000, cacheWrite: 600_000_000, output: 5_000_000_000))
        #expect(ReferenceModel.rates(of: "long", .batch, input: 200_000, in: policy([]).catalogue)?.input == 600_000_000)
    }
}

// MARK: Small policies

private func at(_ time: String) -> Int64 { Int64(ISO8601DateFormatter().date(from: time)!.timeIntervalSince1970) * 1_000 }

private func ask(_ input: Int64, max: Int64, min: Int64? = nil, model: Identifier = "gpt-4o") -> ReferenceRequest {
    ReferenceRequest(caller: .init(user: "u"), model: model, inputTokens: input, maxOutput: max, minOutput: min)
}

private func allowance(_ name: Identifier, _ unit: AllowanceUnit, _ limit: Int64, _ window: Window) -> Allowance {
    Allowance(
        name: name, unit: unit, limit: limit, window: window, timeZone: "America/New_York", per: [.user], match: [:],
        softLimit: nil, overdraft: .zero, required: false, shadow: false)
}

private func daily(_ limit: Int64, soft: Int64? = nil, overdraft: Int64 = 0) -> Allowance {
    var daily = allowance("daily", .tokens, limit, .day)
    (daily.softLimit, daily.overdraft) = (soft.map { Percentage(parts: $0 * 1_000) }, Percentage(parts: overdraft * 1_000))
    return daily
}

/// In thousandths of a dollar per million tokens.
private func price(_ input: Double, _ output: Double?, cached: Double? = nil) -> Rates {
    var rates = Rates()
    rates.input = Int64(input * 1_000_000)
    (rates.output, rates.cachedInput) = (output.map { Int64($0 * 1_000_000) }, cached.map { Int64($0 * 1_000_000) })
    return rates
}

private func model(_ rates: Rates) -> ModelPrice {
    var model = ModelPrice()
    model.standard.base = rates
    return model
}

private func policy(_ allowances: [Allowance], ladder: [Identifier] = []) -> Policy {
    var models: [Identifier: ModelPrice] = [
        "gpt-4o": model(price(2_500, 10_000, cached: 1_250)), "gpt-4o-mini": model(price(150, 600)),
        "nano": model(price(2.5, nil)), "short": model(price(2_500, 10_000)), "long": model(price(1_250, 10_000)),
    ]
    models["short"]!.maximumOutput = 10
    models["long"]!.standard.above = [(200_000, price(2_500, nil))]
    models["long"]!.classes[.batch] = model(price(600, 5_000)).standard
    var policy = Policy()
    policy.defaultTier = "free"
    policy.catalogue = PriceCatalogue(models: models, aliases: ["latest": "gpt-4o"])
    policy.tiers["free"] = Tier()
    (policy.tiers["free"]!.allowances, policy.tiers["free"]!.ladder) = (allowances, ladder)
    return policy
}
