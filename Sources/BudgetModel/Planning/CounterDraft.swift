/// The counters of a plan while it is being made. A counter that does not depend on the model is shared by all rungs.
struct CounterDraft {
    let assignment: Assignment
    let attribution: Attribution
    let now: Int64
    let grace: Percentage
    let windowStarts: [CounterKey: Int64]
    var validity: WindowBounds
    var counters: [PlannedCounter] = []
    private var positions: [Int?] = []

    init(
        assignment: Assignment, attribution: Attribution, now: Int64, grace: Percentage, windowStarts: [CounterKey: Int64],
        validity: WindowBounds
    ) {
        self.assignment = assignment
        self.attribution = attribution
        self.now = now
        self.grace = grace
        self.windowStarts = windowStarts
        self.validity = validity
    }

    /// Whether an allowance counts for this request: its `match` is equal and its `per` dimensions are present.
    func applies(_ compiled: CompiledAllowance, model: Identifier?) throws(PlanError) -> Bool {
        for (dimension, value) in compiled.match where attribution.value(of: dimension, model: model) != value { return false }
        for dimension in compiled.allowance.per where attribution.value(of: dimension, model: model) == nil {
            if compiled.allowance.required, !compiled.allowance.shadow {
                throw .missingDimension(dimension, allowance: compiled.allowance.name)
            }
            return false
        }
        return true
    }

    /// The counter already made for the allowance at `position`, if any.
    func index(position: Int) -> Int? { position < positions.count ? positions[position] : nil }

    mutating func add(_ compiled: CompiledAllowance, position: Int, model: Identifier?, bounds: WindowBounds?) -> Int {
        let allowance = compiled.allowance
        var values: [Identifier] = []
        for dimension in allowance.per where dimension != .user {
            if let value = attribution.value(of: dimension, model: model) { values.append(value) }
        }
        let key = CounterKey(name: allowance.name, identity: compiled.identity, isPerUser: allowance.isPerUser, values: values)
        if allowance.dependsOnModel, let known = counters.firstIndex(where: { $0.key == key }) { return known }
        if let bounds { narrow(to: bounds) }
        counters.append(levelled(compiled, key, bounds, model: model))
        while positions.count <= position { positions.append(nil) }
        positions[position] = counters.count - 1
        return counters.count - 1
    }

    private mutating func narrow(to span: WindowBounds) {
        validity.start = max(validity.start, span.start)
        validity.end = min(validity.end, span.end)
    }

    private mutating func levelled(
        _ compiled: CompiledAllowance, _ key: CounterKey, _ bounds: WindowBounds?, model: Identifier?
    ) -> PlannedCounter {
        let allowance = compiled.allowance
        var topUp: Int64 = 0
        var span = WindowBounds.always
        let began = bounds?.start ?? windowStarts[key] ?? now
        for grant in assignment.topUps where grant.isFor(allowance) {
            let fits = grant.dimensions.allSatisfy { attribution.value(of: $0.key, model: model) == $0.value }
            guard fits else { continue }
            let counts = began < grant.before
            if counts { topUp = min(topUp + grant.amount, Amount.maximum) }
            switch allowance.window {
            case .rolling:
                if counts { span.end = min(span.end, grant.before) } else { span.start = max(span.start, grant.before) }
            case .refill, .lifetime, .none:
                if counts { narrow(to: WindowBounds(start: 0, end: grant.before)) }
            case .minute, .hour, .day, .week, .month: break
            }
        }
        let base = assignment.base(of: allowance)
        return PlannedCounter(
            key: key, compiled: compiled, limit: min(base + topUp, Amount.maximum),
            levels: allowance.levels(base: base, topUp: topUp, grace: grace), bounds: bounds, startsWithin: span)
    }
}
