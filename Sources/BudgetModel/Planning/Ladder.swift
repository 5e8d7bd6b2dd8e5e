/// How long an answer may be: what the request asks, filled up from feature, tier and model.
struct OutputRange {
    var maximum: Int64
    /// nil when the caller named no minimum: then an answer is not shortened.
    var explicitMinimum: Int64?

    init(_ request: borrowing ReserveRequest, tier: TierSnapshot, snapshot: PolicySnapshot) throws(PlanError) {
        let wanted =
            request.maximumOutput ?? snapshot.policy.features[request.attribution.feature]?.maximumOutput ?? tier.tier.maximumOutput
            ?? snapshot.catalogue.models[snapshot.catalogue.canonical(request.model)]?.maximumOutput
        guard let wanted else { throw .outputUnknown(model: request.model) }
        maximum = wanted
        explicitMinimum = request.minimumOutput
        if let minimum = explicitMinimum, minimum > maximum { throw .minimumAboveMaximum }
    }
}

/// Which models are tried, and up to which bounds.
enum Ladder {
    /// The asked model, and what follows it on the ladder.
    static func models(for request: ReserveRequest, tier: Tier, snapshot: PolicySnapshot) -> [LadderModel] {
        let catalogue = snapshot.catalogue
        let asked = catalogue.canonical(request.model)
        var ladder = (snapshot.policy.features[request.attribution.feature]?.ladder ?? tier.ladder)[...]
        if let own = ladder.firstIndex(where: { $0 == request.model || catalogue.canonical($0) == asked }) {
            ladder = ladder[(own + 1)...]
        }
        return ([request.model] + ladder).enumerated().map { position, model in
            let canonical = position == 0 ? asked : catalogue.canonical(model)
            return LadderModel(
                model: model, canonical: canonical, ownMaximum: catalogue.models[canonical]?.maximumOutput ?? Amount.maximum,
                price: catalogue.price(of: canonical))
        }
    }

    /// The order of trying: the asked model to soft limits, rungs to limits, the last one into overdraft, then grace.
    /// Without a rung to degrade to, soft limits only warn.
    /// - Parameter rungs: the counters of each.
    static func attempts(_ rungs: [[Int]], _ counters: [PlannedCounter], asksFirst: Bool, protected: Bool) -> [Attempt] {
        let last = rungs.count - 1
        var attempts: [Attempt] = []
        for rung in rungs.indices {
            attempts.append(Attempt(rung: rung, bound: asksFirst && rung == 0 && last > 0 ? .soft : .limit))
        }
        let levels = rungs[last].map { counters[$0].levels }
        if levels.contains(where: { $0.overdraft > $0.limit }) { attempts.append(Attempt(rung: last, bound: .overdraft)) }
        if protected, levels.contains(where: { $0.grace > $0.overdraft }) {
            attempts.append(Attempt(rung: last, bound: .grace))
        }
        return attempts
    }
}
