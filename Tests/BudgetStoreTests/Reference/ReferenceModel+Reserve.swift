import BudgetModel

extension ReferenceModel {
    /// Decides and holds; with `dry` (`check`) nothing is held and an idempotency key means nothing.
    mutating func reserve(_ request: ReferenceRequest, at now: Int64, dry: Bool = false) throws(ReferenceRefusal)
        -> ReferenceDecision
    {
        expire(at: now)
        if !dry, let earlier = try replay(request, at: now) { return earlier }
        let plan = try plan(request, at: now)
        if assignments[request.caller.user]?.frozen == true {
            return ReferenceDecision(
                verdict: .reject, reason: "frozen", allowances: plan.last.lines.map { state(of: $0, at: now) })
        }
        guard let (served, attempt) = serve(plan) else { return reject(plan, at: now) }
        var decision = served
        if !dry {
            try hold(&decision, attempt, request, at: now)
        }
        decision.allowances = attempt.lines.map { state(of: $0, at: now) }
        if let id = decision.reservation { reservations[id]?.answer = decision }
        return decision
    }

    // MARK: The order of answers

    private func serve(_ plan: ReferencePlan) -> (ReferenceDecision, ReferenceAttempt)? {
        if let asked = plan.asked {
            let level = plan.rungs.isEmpty ? ReferenceLine.Level.limit : .soft
            if let output = longest(asked, level) { return (allow(asked, output, level), asked) }
        }
        for rung in plan.rungs {
            if let output = longest(rung, .limit) { return (degrade(plan, rung, output), rung) }
        }
        let beyond: [(ReferenceLine.Level, below: ReferenceLine.Level, String)] =
            [(.overdraft, .limit, "overdraft")] + (plan.isProtected ? [(.grace, .overdraft, "protected_hours")] : [])
        for (level, below, reason) in beyond {
            guard let output = longest(plan.last, level) else { continue }
            if !plan.rungs.isEmpty { return (degrade(plan, plan.last, output), plan.last) }
            var decision = decision(.allow, plan.last, output)
            decision.reason = reason
            decision.allowance = refusing(plan.last, output, below).first?.allowance.name
            return (decision, plan.last)
        }
        return nil
    }

    private func allow(_ asked: ReferenceAttempt, _ output: Int64, _ level: ReferenceLine.Level) -> ReferenceDecision {
        var decision = decision(.allow, asked, output)
        if output < asked.maximum {
            decision.reason = "output_shortened"
            decision.allowance = refusing(asked, asked.maximum, level).first?.allowance.name
        } else if let warning = refusing(asked, output, .soft).first {
            decision.reason = "soft_limit"
            decision.allowance = warning.allowance.name
        }
        return decision
    }

    private func degrade(_ plan: ReferencePlan, _ rung: ReferenceAttempt, _ output: Int64) -> ReferenceDecision {
        var decision = decision(.degrade, rung, output)
        decision.reason = "limit"
        if let asked = plan.asked {
            decision.allowance = refusing(asked, asked.minimum, .soft).first?.allowance.name
            if refusing(asked, asked.minimum, .limit).isEmpty { decision.reason = "soft_limit" }
        }
        return decision
    }

    private func decision(_ verdict: ReferenceVerdict, _ attempt: ReferenceAttempt, _ output: Int64) -> ReferenceDecision {
        let held = ReferenceAmounts(tokens: attempt.input + output, cost: attempt.cost(output))
        return ReferenceDecision(verdict: verdict, model: attempt.written, output: output, held: held)
    }

    // MARK: Rejecting

    private func reject(_ plan: ReferencePlan, at now: Int64) -> ReferenceDecision {
        let level = plan.isProtected ? ReferenceLine.Level.grace : .overdraft
        let last = plan.last
        func need(_ line: ReferenceLine) -> Int64 { last.need(line.allowance.unit, last.minimum) }
        let refusing = refusing(last, last.minimum, level)
        var named = refusing[0]
        for line in refusing.dropFirst() where resetOrder(line) > resetOrder(named) { named = line }

        var decision = ReferenceDecision(verdict: .reject, allowances: last.lines.map { state(of: $0, at: now) })
        decision.allowance = named.allowance.name
        if refusing.contains(where: { need($0) > $0.bound(level) }) {
            decision.reason = "too_large"
        } else {
            decision.reason = refusing.allSatisfy { $0.allowance.unit == .inFlight } ? "in_flight" : "limit"
            decision.retryAfterSeconds = retryAfter(named, need: need(named), level, at: now)
        }
        return decision
    }

    /// When an allowance resets, for comparing: `in_flight` before all others, what never resets after them.
    private func resetOrder(_ line: ReferenceLine) -> Int64 {
        let counter = line.counter
        switch line.allowance.window {
        case .minute, .hour, .day, .week, .month, .rolling: return counter.end!
        case .refill(let period): return counter.time(toDrain: counter.used, limit: line.limit, period: period) ?? .max
        case .lifetime: return .max
        case .none: return .min
        }
    }

    private func retryAfter(_ line: ReferenceLine, need: Int64, _ level: ReferenceLine.Level, at now: Int64) -> Int64? {
        let counter = line.counter
        let time: Int64?
        switch line.allowance.window {
        case .minute, .hour, .day, .week, .month, .rolling: time = counter.end
        case .refill(let period):
            // What is held does not drain: at best the bucket empties.
            let tooMuch = min(counter.used, counter.used + counter.held + need - line.bound(level))
            time = counter.time(toDrain: tooMuch, limit: line.limit, period: period)
        case .lifetime: time = nil
        case .none: time = now
        }
        return time.map { max(1, ($0 - now + 999) / 1_000) }
    }

    // MARK: Holding

    private mutating func hold(
        _ decision: inout ReferenceDecision, _ attempt: ReferenceAttempt, _ request: ReferenceRequest, at now: Int64
    ) throws(ReferenceRefusal) {
        var taken: [ReferenceTaken] = []
        for line in attempt.lines {
            let counter = line.counter
            let amount = attempt.need(line.allowance.unit, decision.output!)
            if counter.used + counter.held + amount > Self.largestAmount { throw .amountTooLarge }
            taken.append(ReferenceTaken(key: line.key, start: counter.start, amount: amount, stillHeld: amount))
        }
        for (line, share) in zip(attempt.lines, taken) {
            var counter = line.counter
            counter.held += share.amount
            counter.drainLimit = line.limit
            counter.touched = now
            counters[line.key] = counter
        }
        lastReservation += 1
        decision.reservation = lastReservation
        decision.expiresAt = now + request.ttl
        reservations[lastReservation] = ReferenceReservation(
            request: request, tier: try? tierName(request.caller), model: attempt.model, grant: decision.output!, held: decision.held!,
            taken: taken,
            catalogue: policy.catalogue, issuedAt: now, expiresAt: now + request.ttl, answer: decision)
        if let key = request.idempotencyKey {
            keys[ReferenceIdempotencyKey(user: request.caller.user, key: key)] = .reserve(lastReservation)
        }
    }
}
