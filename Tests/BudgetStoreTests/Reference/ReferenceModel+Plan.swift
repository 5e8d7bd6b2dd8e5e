import BudgetModel

/// One model a request may be given, with what it must fit.
struct ReferenceAttempt {
    var written: Identifier
    var model: Identifier
    var input: Int64
    var minimum: Int64
    var maximum: Int64
    /// nil: the model has no price.
    var rates: ReferenceRates?
    var lines: [ReferenceLine]

    /// What `output` tokens need of a unit. Costs were checked at the maximum already.
    func need(_ unit: AllowanceUnit, _ output: Int64) -> Int64 {
        switch unit {
        case .tokens: input + output
        case .inputTokens: input
        case .outputTokens: output
        case .usd: cost(output)!
        case .requests, .inFlight: 1
        }
    }

    func cost(_ output: Int64) -> Int64? {
        rates?.estimate(input, output)
    }
}

/// Everything a request may be given, in order.
struct ReferencePlan {
    /// nil when even its own maximum is too short an answer.
    var asked: ReferenceAttempt?
    var rungs: [ReferenceAttempt]
    var isProtected: Bool

    var last: ReferenceAttempt { rungs.last ?? asked! }
}

extension ReferenceModel {
    // MARK: What may be tried

    func plan(_ request: ReferenceRequest, at now: Int64) throws(ReferenceRefusal) -> ReferencePlan {
        let tier = policy.tiers[try tierName(request.caller)]!
        let feature = policy.features[request.caller.feature]
        let asked = Self.canonical(request.model, in: policy.catalogue)
        let stated = request.maxOutput ?? feature?.maximumOutput ?? tier.maximumOutput
        guard let maximum = stated ?? policy.catalogue.models[asked]?.maximumOutput else { throw .missingMaximum }
        if let minimum = request.minOutput, minimum > maximum { throw .minimumAboveMaximum }

        var ladder = feature?.ladder ?? tier.ladder
        if let place = ladder.firstIndex(where: { Self.canonical($0, in: policy.catalogue) == asked }) {
            ladder.removeFirst(place + 1)
        }
        let first = try attempt(request.model, request, maximum, at: now)
        var rungs: [ReferenceAttempt] = []
        for model in ladder {
            if let rung = try attempt(model, request, maximum, at: now) { rungs.append(rung) }
        }
        if first == nil, rungs.isEmpty { throw .noModel }
        let isProtected = tier.protectedHours.map { ReferenceCalendar.isInside($0, at: now) } ?? false
        return ReferencePlan(asked: first, rungs: rungs, isProtected: isProtected)
    }

    /// nil when the model cannot give an answer of the minimum asked for.
    private func attempt(_ written: Identifier, _ request: ReferenceRequest, _ maximum: Int64, at now: Int64)
        throws(ReferenceRefusal) -> ReferenceAttempt?
    {
        let model = Self.canonical(written, in: policy.catalogue)
        let own = policy.catalogue.models[model]?.maximumOutput ?? maximum
        if let minimum = request.minOutput, minimum > own { return nil }
        let capped = min(maximum, own)
        let attempt = ReferenceAttempt(
            written: written, model: model, input: request.inputTokens, minimum: request.minOutput ?? capped, maximum: capped,
            rates: Self.rates(of: model, request.priceClass, input: request.inputTokens, in: policy.catalogue),
            lines: try lines(for: request.caller, model: model, at: now))
        if attempt.rates == nil, attempt.lines.contains(where: { $0.allowance.unit == .usd }) { throw .unpricedModel }
        if attempt.input + attempt.maximum > Self.largestAmount { throw .amountTooLarge }
        if attempt.rates != nil, attempt.cost(attempt.maximum) == nil { throw .amountTooLarge }
        return attempt
    }

    // MARK: What fits

    private func fits(_ line: ReferenceLine, need: Int64, _ level: ReferenceLine.Level) -> Bool {
        if need == 0 || line.allowance.shadow { return true }
        return line.counter.used + line.counter.held + need <= line.bound(level)
    }

    /// The allowances that stand against an answer of `output` tokens.
    func refusing(_ attempt: ReferenceAttempt, _ output: Int64, _ level: ReferenceLine.Level) -> [ReferenceLine] {
        attempt.lines.filter { !fits($0, need: attempt.need($0.allowance.unit, output), level) }
    }

    /// The longest answer between minimum and maximum that fits everywhere. More output never needs less.
    func longest(_ attempt: ReferenceAttempt, _ level: ReferenceLine.Level) -> Int64? {
        func fits(_ output: Int64) -> Bool { refusing(attempt, output, level).isEmpty }
        guard fits(attempt.minimum) else { return nil }
        if fits(attempt.maximum) { return attempt.maximum }
        var fitting = attempt.minimum
        var refused = attempt.maximum
        while refused - fitting > 1 {
            let middle = fitting + (refused - fitting) / 2
            if fits(middle) { fitting = middle } else { refused = middle }
        }
        return fitting
    }
}
