import BudgetModel

/// The reserve script's verdict turned into a decision. It only names and formats: what was decided is not decided again.
enum ReserveVerdict {
    /// - Parameters:
    ///   - letter: the verdict: `a` allowed plainly, `h` held, `j` rejected, `f` frozen; nil for another, or bytes that cannot be read.
    ///   - now: the store's time of the decision.
    ///   - reader: of what follows the two.
    static func decision(
        _ letter: UInt8, at now: Int64, _ reader: inout Unpacker, _ call: ReserveCall, _ plan: Plan, _ prices: PriceVersion
    ) -> Decision? {
        let decision: Decision? =
            switch letter {
            case UInt8(ascii: "a"): Self.plain(&reader, call, plan, prices, now: now)
            case UInt8(ascii: "h"): Self.held(&reader, call, plan, prices, now: now)
            case UInt8(ascii: "j"): Self.rejected(&reader, plan, now: now)
            case UInt8(ascii: "f"): Self.frozen(&reader, plan, now: now)
            default: nil
            }
        return !reader.isBroken && reader.isAtEnd ? decision : nil
    }

    /// The first rung at its most, as the plan had it worked out.
    private static func plain(
        _ reader: inout Unpacker, _ call: ReserveCall, _ plan: Plan, _ prices: PriceVersion, now: Int64
    ) -> Decision? {
        let expires = reader.time()
        guard let counters = counters(&reader, plan) else { return nil }
        let rung = plan.rungs[0]
        var decision = allowed(rung, isFirst: true, output: rung.maximumOutput, cost: rung.costAtMaximum, counters, plan, now: now)
        decision.reason = Decision.Reason(code: plan.plainReason)
        decision.hold(rung, until: expires, call, plan, prices, now: now)
        return decision
    }

    private static func held(
        _ reader: inout Unpacker, _ call: ReserveCall, _ plan: Plan, _ prices: PriceVersion, now: Int64
    ) -> Decision? {
        let expires = reader.time()
        let output = reader.double()
        let cost = reader.double()
        let index = Int(reader.byte()) - 1
        _ = reader.byte()  // the bound it was held under
        let reason = Decision.Reason(code: reader.byte())
        let cause = Int(reader.byte()) - 1
        guard let counters = counters(&reader, plan), plan.rungs.indices.contains(index) else { return nil }
        let rung = plan.rungs[index]
        var decision = allowed(
            rung, isFirst: index == 0, output: output, cost: cost < 0 ? nil : cost, counters, plan, now: now)
        decision.reason = reason
        decision.allowance = plan.counters.indices.contains(cause) ? plan.counters[cause].allowance.name : nil
        if call.holding { decision.hold(rung, until: expires, call, plan, prices, now: now) }
        return decision
    }

    private static func allowed(
        _ rung: PlannedRung, isFirst: Bool, output: Int64, cost: Int64?, _ counters: [CounterState], _ plan: Plan, now: Int64
    ) -> Decision {
        var decision = Decision(
            plan.asksFirstRung && isFirst ? .allow : .degrade, allowances: shown(rung, counters, plan, now: now))
        decision.model = rung.model
        decision.maximumOutput = output
        decision.held = Charge(tokens: plan.inputTokens + output, cost: cost)
        return decision
    }

    private static func rejected(_ reader: inout Unpacker, _ plan: Plan, now: Int64) -> Decision? {
        let index = Int(reader.byte()) - 1
        let bound = Attempt.Bound(rawValue: reader.byte()) ?? .limit
        let tooLarge = reader.byte() == 1
        let refusing = reader.bytes(Int(reader.byte())).map { Int($0) - 1 }.filter(plan.counters.indices.contains)
        guard let counters = counters(&reader, plan), plan.rungs.indices.contains(index),
            let named = lastToReset(refusing, counters, plan, now: now)
        else { return nil }
        let rung = plan.rungs[index]
        let counter = plan.counters[named]
        var decision = Decision(.reject, allowances: shown(rung, counters, plan, now: now))
        decision.allowance = counter.allowance.name
        decision.reason = tooLarge ? .tooLarge : counter.allowance.unit == .inFlight ? .inFlight : .limit
        if !tooLarge {
            let need = rung.need(counter.allowance.unit, input: plan.inputTokens)
            decision.retryAfterSeconds = retryAfter(counter, counters[named], need: need, bound, now)
        }
        decision.message = Message.text(
            plan.message, tier: plan.tier, feature: plan.feature, allowance: counter.allowance,
            resetsAt: tooLarge ? nil : counters[named].resets(counter.allowance.window, now: now),
            retryAfter: decision.retryAfterSeconds)
        return decision
    }

    private static func frozen(_ reader: inout Unpacker, _ plan: Plan, now: Int64) -> Decision? {
        guard let counters = counters(&reader, plan), let rung = plan.attempts.last.map({ plan.rungs[$0.rung] }) else { return nil }
        var decision = Decision(.reject, allowances: shown(rung, counters, plan, now: now))
        decision.reason = .frozen
        decision.message = Message.frozen
        return decision
    }

    /// The plan's counters after the decision; nil unless all can be read.
    private static func counters(_ reader: inout Unpacker, _ plan: Plan) -> [CounterState]? {
        let planned = plan.counters
        var counters: [CounterState] = []
        counters.reserveCapacity(planned.count)
        for planned in planned {
            guard let counter = CounterState(&reader, isRefill: planned.allowance.window.isRefill) else { return nil }
            counters.append(counter)
        }
        return counters
    }

    private static func shown(_ rung: PlannedRung, _ counters: [CounterState], _ plan: Plan, now: Int64) -> [AllowanceState] {
        let planned = plan.counters
        return rung.counters.map { index in
            let planned = planned[index]
            let counter = counters[index]
            return AllowanceState(
                planned.compiled, planned.key, limit: planned.limit, used: counter.used, held: counter.held,
                resetsAt: counter.resets(planned.allowance.window, now: now))
        }
    }

    /// Of the counters that refused, the one that resets last; of equals the first in policy order.
    private static func lastToReset(_ refusing: [Int], _ counters: [CounterState], _ plan: Plan, now: Int64) -> Int? {
        var last: (index: Int, time: Int64)?
        for index in refusing {
            let time = resetOrder(plan.counters[index].allowance.window, counters[index], now)
            if last == nil || time > last?.time ?? 0 { last = (index, time) }
        }
        return last?.index
    }

    /// Order in which refusing allowances reset: `in_flight` before all, `lifetime` after all.
    private static func resetOrder(_ window: Window, _ state: CounterState, _ now: Int64) -> Int64 {
        switch window {
        case .none: Int64.min
        case .lifetime: Int64.max
        case .refill: state.resets(window, now: now) ?? Int64.max - 1
        case .rolling(let length): state.resets(window, now: now) ?? now + length
        case .minute, .hour, .day, .week, .month: state.finish
        }
    }

    /// Whole seconds until it may fit: to the window's end, for a refill until enough has drained.
    private static func retryAfter(
        _ counter: PlannedCounter, _ state: CounterState, need: Int64, _ bound: Attempt.Bound, _ now: Int64
    ) -> Int64? {
        switch counter.allowance.window {
        case .lifetime: return nil
        case .none: return 1
        case .refill:
            let excess = state.used + state.held + need - counter.levels[bound]
            guard let time = state.drained(min(excess, state.used)) else { return nil }
            return seconds(from: now, to: time)
        case .minute, .hour, .day, .week, .month, .rolling: return seconds(from: now, to: state.finish)
        }
    }

    private static func seconds(from now: Int64, to time: Int64) -> Int64 { max(1, (time - now + 999) / 1_000) }
}

extension Decision {
    fileprivate mutating func hold(
        _ rung: PlannedRung, until expires: Int64, _ call: ReserveCall, _ plan: Plan, _ prices: PriceVersion, now: Int64
    ) {
        expiresAt = expires
        reservation = ReservationID(
            user: plan.user, nonce: call.nonce, seal: Seal(issued: now, environment: call.environment), model: rung.canonical,
            priceClass: call.request.priceClass, priceVersion: prices, inputTokens: plan.inputTokens)
    }
}

extension Levels {
    subscript(bound: Attempt.Bound) -> Int64 {
        switch bound {
        case .soft: soft
        case .limit: limit
        case .overdraft: overdraft
        case .grace: grace
        }
    }
}

extension PlannedRung {
    /// What the shortest answer of this rung takes of a unit.
    func need(_ unit: AllowanceUnit, input: Int64) -> Int64 {
        switch unit {
        case .tokens: input + minimumOutput
        case .inputTokens: input
        case .outputTokens: minimumOutput
        case .usd: cost?.cost(output: minimumOutput) ?? 0
        case .requests, .inFlight: 1
        }
    }
}
