/// Turns a request into a ``Plan``. One per event loop: it remembers the windows that are open, so that time zones
/// are consulted when a window rolls over and not per request.
package struct Planner {
    package let snapshot: PolicySnapshot
    private var windows: [WindowBounds?]
    private var clocks: [String: ZoneClock] = [:]
    private var protection: [Identifier: (validity: WindowBounds, inside: Bool)] = [:]

    package init(_ snapshot: PolicySnapshot) {
        self.snapshot = snapshot
        windows = Array(repeating: nil, count: snapshot.calendars.count)
    }

    /// The tier a call counts under: ops' assignment, else the caller's word, else the policy's default.
    package func tier(of attribution: Attribution, _ assignment: Assignment) throws(PlanError) -> Identifier {
        let name = assignment.tier ?? attribution.tier ?? snapshot.policy.defaultTier
        guard let name, snapshot.tiers[name] != nil else { throw .unknownTier(name) }
        return name
    }

    /// A plan for `now`, milliseconds of the store's clock. `windowStarts` tells when live rolling windows began,
    /// once the script has said that it matters.
    package mutating func plan(
        _ request: ReserveRequest, _ assignment: Assignment, now: Int64, windowStarts: [CounterKey: Int64] = [:]
    ) throws(PlanError) -> Plan {
        let tierName = try tier(of: request.attribution, assignment)
        guard let tier = snapshot.tiers[tierName] else { throw .unknownTier(tierName) }
        var attribution = request.attribution
        attribution.tier = tierName
        let outputs = try OutputRange(request, tier: tier.tier, policy: snapshot.policy)
        let candidates = try Ladder.rungs(for: request, tier: tier.tier, policy: snapshot.policy, outputs)
        let protected = protectedHours(of: tierName, tier.tier, now: now)
        var draft = CounterDraft(
            assignment: assignment, attribution: attribution, now: now, grace: protected.grace, windowStarts: windowStarts,
            validity: protected.validity)
        var rungs: [PlannedRung] = []
        for candidate in candidates.rungs {
            rungs.append(try price(candidate, request, try counters(of: tier, model: candidate.canonical, &draft), draft))
        }
        return Plan(
            user: attribution.user, tier: tierName, feature: attribution.feature, revision: assignment.revision,
            frozen: assignment.frozen,
            validity: draft.validity, inputTokens: request.inputTokens, counters: draft.counters, rungs: rungs,
            attempts: Ladder.attempts(rungs: rungs, draft.counters, asksFirst: candidates.asksFirst, protected: protected.inside),
            asksFirstRung: candidates.asksFirst, message: tier.tier.message)
    }

    /// The counters a record books into: those of a request that is past deciding.
    package mutating func counters(
        for attribution: Attribution, model: Identifier?, _ assignment: Assignment, now: Int64
    ) throws(PlanError) -> (tier: Identifier, counters: [PlannedCounter], validity: WindowBounds) {
        let tierName = try tier(of: attribution, assignment)
        guard let tier = snapshot.tiers[tierName] else { throw .unknownTier(tierName) }
        var attribution = attribution
        attribution.tier = tierName
        var draft = CounterDraft(
            assignment: assignment, attribution: attribution, now: now, grace: .zero, windowStarts: [:], validity: .always)
        _ = try counters(of: tier, model: model, &draft)
        return (tierName, draft.counters, draft.validity)
    }

    /// The present calendar window of an allowance; nil for other kinds of window.
    package mutating func window(of allowance: Allowance, at now: Int64) -> WindowBounds? {
        guard allowance.window.isCalendar else { return nil }
        return clock(allowance.timeZone).bounds(of: allowance.window, at: now)
    }

    // MARK: Counters

    private mutating func counters(
        of tier: TierSnapshot, model: Identifier?, _ draft: inout CounterDraft
    ) throws(PlanError) -> [Int] {
        var indexes: [Int] = []
        indexes.reserveCapacity(tier.allowances.count)
        for (position, compiled) in tier.allowances.enumerated() {
            guard try draft.applies(compiled, model: model) else { continue }
            if !compiled.allowance.dependsOnModel, let known = draft.index(position: position) {
                indexes.append(known)
                continue
            }
            let bounds = compiled.calendar.map { window(calendar: $0, at: draft.now) }
            indexes.append(draft.add(compiled, position: position, model: model, bounds: bounds))
        }
        return indexes
    }

    private mutating func window(calendar index: Int, at now: Int64) -> WindowBounds {
        if let known = windows[index], known.contains(now) { return known }
        let calendar = snapshot.calendars[index]
        let bounds = clock(calendar.zone).bounds(of: calendar.window, at: now)
        windows[index] = bounds
        return bounds
    }

    private mutating func clock(_ zone: String) -> ZoneClock {
        if let known = clocks[zone] { return known }
        guard let clock = ZoneClock(zone) else { preconditionFailure("policy let the unknown zone \(zone) pass") }
        clocks[zone] = clock
        return clock
    }

    // MARK: Prices

    private func price(
        _ candidate: Ladder.Candidate, _ request: ReserveRequest, _ counters: [Int], _ draft: CounterDraft
    ) throws(PlanError) -> PlannedRung {
        let rates = snapshot.policy.catalogue.price(of: candidate.canonical)?
            .resolved(request.priceClass, input: request.inputTokens)
        if rates == nil, let blind = counters.first(where: { draft.counters[$0].allowance.bindsMoney }) {
            throw .unpricedModel(candidate.model, allowance: draft.counters[blind].allowance.name)
        }
        guard Amount.sum(request.inputTokens, candidate.maximumOutput) != nil else {
            throw .amountTooLarge(field: "max_output_tokens")
        }
        let line = rates?.line(input: request.inputTokens)
        var cost: Int64?
        if let line {
            cost = line.cost(output: candidate.maximumOutput)
            guard cost != nil else { throw .amountTooLarge(field: "max_output_tokens") }
        }
        return PlannedRung(
            model: candidate.model, canonical: candidate.canonical, minimumOutput: candidate.minimumOutput,
            maximumOutput: candidate.maximumOutput, cost: line, costAtMaximum: cost, counters: counters)
    }

    // MARK: Protected hours

    private mutating func protectedHours(
        of name: Identifier, _ tier: Tier, now: Int64
    ) -> (inside: Bool, grace: Percentage, validity: WindowBounds) {
        guard let hours = tier.protectedHours else { return (false, .zero, .always) }
        if let known = protection[name], known.validity.contains(now) { return (known.inside, hours.grace, known.validity) }
        let clock = clock(hours.timeZone)
        let local = clock.localTime(at: now)
        // The answer can only change on a minute of the local clock.
        let minute = clock.bounds(of: .minute, at: now)
        let inside = hours.contain(day: local.day, minute: local.second / 60)
        protection[name] = (minute, inside)
        return (inside, hours.grace, minute)
    }
}
