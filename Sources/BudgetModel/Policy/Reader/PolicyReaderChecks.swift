/// What only shows when every allowance is known: names, counters shared by tiers, and how far a counter may go.
extension PolicyReader {
    func checkAllowances() throws(PolicyError) {
        var seen: [Identifier: Namesakes] = [:]
        let highestGrace = policy.tiers.values.compactMap { $0.protectedHours?.grace }.max { $0.parts < $1.parts } ?? .zero
        for item in allowances.sorted(by: stand) {
            try seen[item.allowance.name, default: Namesakes(first: item)].add(item)
            // A shared allowance grants grace to every tier that has some.
            let grace = item.tier.map { policy.tiers[$0]?.protectedHours?.grace ?? .zero } ?? highestGrace
            try checkHighest(item, grace: item.allowance.unit == .inFlight ? .zero : grace)
        }
        try checkCount()
    }

    /// One request must not need more counters than a script's arguments can number: those of the model are needed per rung.
    private func checkCount() throws(PolicyError) {
        let ladders = policy.tiers.values.map(\.ladder) + policy.features.values.compactMap(\.ladder)
        let rungs = 1 + (ladders.map(\.count).max() ?? 0)
        for (name, tier) in policy.tiers {
            let all = policy.allowances + tier.allowances
            let ofModel = all.count(where: \.dependsOnModel)
            let needed = all.count - ofModel + ofModel * rungs
            guard max(needed, rungs) > Plan.maximumCounters, let last = allowances.last(where: { $0.tier == name || $0.tier == nil })
            else {
                continue
            }
            throw last.place("").refusal(
                "a request of tier \(quoted(name.text)) could need \(needed) counters",
                "write fewer allowances, or a shorter ladder: at most \(Plan.maximumCounters) counters")
        }
    }

    private func stand(_ a: LocatedAllowance, before b: LocatedAllowance) -> Bool {
        let (first, second) = (a.place("").position, b.place("").position)
        return first < second
    }

    /// The limit, overdraft and grace together must be an amount, too.
    private func checkHighest(_ item: LocatedAllowance, grace: Percentage) throws(PolicyError) {
        let allowance = item.allowance
        let beyond = (allowance.overdraft + grace).share(of: allowance.limit)
        guard Amount.sum(allowance.limit, beyond) != nil else {
            throw item.place("limit").refusal(
                "with overdraft and grace this goes beyond \(Amount.maximum)", "write a lower limit, overdraft or grace")
        }
    }
}

/// Allowances of one name. In two tiers they are one counter, so they may differ in limits only.
private struct Namesakes {
    let first: LocatedAllowance
    private var tiers: Set<Identifier> = []
    private var isShared = false

    init(first: LocatedAllowance) { self.first = first }

    mutating func add(_ item: LocatedAllowance) throws(PolicyError) {
        let isAgain = isShared || !tiers.isEmpty
        if let tier = item.tier {
            guard !isShared, tiers.insert(tier).inserted else { throw twice(item) }
        } else {
            guard !isAgain else { throw twice(item) }
            isShared = true
        }
        if let field = difference(first.allowance, item.allowance) {
            throw item.place(field).refusal(
                "\(quoted(item.allowance.name.text)) has another \(field) than at \(first.place("").path): "
                    + "one name is one counter",
                "write the same \(field) there and here, or take another name")
        }
    }

    private func twice(_ item: LocatedAllowance) -> PolicyError {
        let place = first.place("")
        return item.place("name").refusal(
            "the name \(quoted(item.allowance.name.text)) is taken by \(place.path) on line \(place.position.line)",
            "take another name: names are unique within the top level and each tier")
    }
}

private func difference(_ a: Allowance, _ b: Allowance) -> String? {
    if a.unit != b.unit { return "unit" }
    if a.window != b.window { return "window" }
    if a.timeZone != b.timeZone { return "time_zone" }
    if a.per != b.per { return "per" }
    if a.match != b.match { return "match" }
    if a.required != b.required { return "required" }
    return a.shadow != b.shadow ? "shadow" : nil
}
