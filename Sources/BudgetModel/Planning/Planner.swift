/// Turns a request into a ``Plan``. One per event loop: it remembers the windows that are open, so that time zones
/// are consulted when a window rolls over and not per request.
package struct Planner {
    package let snapshot: PolicySnapshot
    private var windows: [WindowBounds?]
    private var clocks: [String: ZoneClock] = [:]
    private var skeletons: [SkeletonKey: PlanSkeleton] = [:]
    /// Most kinds of request remembered; one more, and all are worked out anew.
    private static let maximumSkeletons = 1_024
    private var protection: [Identifier: (validity: WindowBounds, inside: Bool)] = [:]

    package init(_ snapshot: PolicySnapshot) {
        self.snapshot = snapshot
        windows = Array(repeating: nil, count: snapshot.calendars.count)
    }

    /// The tier a call counts under: ops' assignment, else the caller's word, else the policy's default.
    private func tier(of attribution: Attribution, _ assignment: Assignment) throws(PlanError) -> (Identifier, TierSnapshot) {
        let name = assignment.tier ?? attribution.tier ?? snapshot.policy.defaultTier
        guard let name, let tier = snapshot.tiers[name] else { throw .unknownTier(name) }
        return (name, tier)
    }

    /// A plan for `now`, milliseconds of the store's clock. `windowStarts` tells when live rolling windows began,
    /// once the script has said that it matters.
    package mutating func plan(
        _ request: ReserveRequest, _ assignment: Assignment, now: Int64, windowStarts: [CounterKey: Int64] = [:]
    ) throws(PlanError) -> Plan {
        let (name, tier) = try tier(of: request.attribution, assignment)
        let outputs = try OutputRange(request, tier: tier, snapshot: snapshot)
        let skeleton = try skeleton(for: request, name, tier, assignment, now: now, windowStarts)
        var rungs: [PlannedRung] = []
        rungs.reserveCapacity(skeleton.models.count)
        var asksFirst = false
        for (position, model) in skeleton.models.enumerated() {
            let maximum = min(outputs.maximum, model.ownMaximum)
            let minimum = outputs.explicitMinimum ?? maximum
            guard minimum <= maximum else { continue }
            if position == 0 { asksFirst = true }
            rungs.append(try PlannedRung(model, request, minimum: minimum, maximum: maximum, skeleton.counters))
        }
        guard !rungs.isEmpty else { throw .noModelLeft(minimum: outputs.explicitMinimum ?? 0) }
        var attempts = skeleton.attempts
        if rungs.count < skeleton.models.count {
            attempts = Ladder.attempts(
                rungs.map(\.counters), skeleton.counters, asksFirst: asksFirst, protected: skeleton.isProtected)
        }
        return Plan(request, assignment, skeleton, rungs: rungs, attempts: attempts, asksFirstRung: asksFirst)
    }

    /// Users without limits or top-ups of their own share skeletons.
    private mutating func skeleton(
        for request: ReserveRequest, _ name: Identifier, _ tier: TierSnapshot, _ assignment: Assignment, now: Int64,
        _ windowStarts: [CounterKey: Int64]
    ) throws(PlanError) -> PlanSkeleton {
        guard assignment.limits.isEmpty, assignment.topUps.isEmpty, windowStarts.isEmpty,
            let key = SkeletonKey(request, tier: tier, named: name)
        else { return try makeSkeleton(for: request, name, tier, assignment, now: now, windowStarts) }
        if let known = skeletons[key], known.validity.contains(now) { return known }
        let skeleton = try makeSkeleton(for: request, name, tier, assignment, now: now, windowStarts)
        if skeletons.count >= Self.maximumSkeletons { skeletons.removeAll(keepingCapacity: true) }
        skeletons[key] = skeleton
        return skeleton
    }

    private mutating func makeSkeleton(
        for request: ReserveRequest, _ name: Identifier, _ tier: TierSnapshot, _ assignment: Assignment, now: Int64,
        _ windowStarts: [CounterKey: Int64]
    ) throws(PlanError) -> PlanSkeleton {
        var attribution = request.attribution
        attribution.tier = name
        let protected = protectedHours(of: name, tier.tier, now: now)
        var draft = CounterDraft(
            assignment: assignment, attribution: attribution, now: now, grace: protected.grace, windowStarts: windowStarts,
            validity: protected.validity)
        let models = Ladder.models(for: request, tier: tier.tier, snapshot: snapshot)
        for model in models { model.counters = try counters(of: tier, model: model.canonical, &draft) }
        return PlanSkeleton(
            tier: name, message: tier.tier.message, draft: draft, models: models, isProtected: protected.inside)
    }

    /// The counters a record books into: those of a request that is past deciding.
    package mutating func counters(
        for attribution: Attribution, model: Identifier?, _ assignment: Assignment, now: Int64
    ) throws(PlanError) -> (tier: Identifier, counters: [PlannedCounter], validity: WindowBounds) {
        let (tierName, tier) = try tier(of: attribution, assignment)
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
        let calendar = PolicySnapshot.Calendar(window: allowance.window, zone: allowance.timeZone)
        if let known = snapshot.calendars.firstIndex(of: calendar) { return window(calendar: known, at: now) }
        return clock(allowance.timeZone).bounds(of: allowance.window, at: now)
    }

    /// The same of one that the snapshot has worked out: nothing is looked up.
    package mutating func window(of compiled: CompiledAllowance, at now: Int64) -> WindowBounds? {
        compiled.calendar.map { window(calendar: $0, at: now) }
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

extension PlannedRung {
    init(
        _ model: LadderModel, _ request: borrowing ReserveRequest, minimum: Int64, maximum: Int64, _ counters: [PlannedCounter]
    ) throws(PlanError) {
        self.init(
            model: model.model, canonical: model.canonical, minimumOutput: minimum, maximumOutput: maximum, cost: nil,
            costAtMaximum: nil, counters: model.counters)
        let rates = model.price?.resolved(request.priceClass, input: request.inputTokens)
        if rates == nil, let blind = model.counters.first(where: { counters[$0].allowance.bindsMoney }) {
            throw .unpricedModel(model.model, allowance: counters[blind].allowance.name)
        }
        guard Amount.sum(request.inputTokens, maximum) != nil else { throw .amountTooLarge(field: "max_output_tokens") }
        guard let rates else { return }
        let line = rates.line(input: request.inputTokens)
        guard let most = line.cost(output: maximum) else { throw .amountTooLarge(field: "max_output_tokens") }
        cost = line
        costAtMaximum = most
    }
}
