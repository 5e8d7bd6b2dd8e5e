/// What of a plan depends neither on the user nor on a request's length: the counters that apply, how far they may go, and the
/// models of the ladder. Made once for each kind of request and used again until its windows or hours are over.
///
/// Confined to the event loop of its ``Planner``.
package final class PlanSkeleton {
    package let tier: Identifier
    package let message: String?
    /// While the store's clock is inside: the intersection of calendar windows, protected hours and top-ups.
    package let validity: WindowBounds
    package let counters: [PlannedCounter]
    /// Some counter is of a shadow allowance.
    package let countsInShadow: Bool
    /// The asked model and what follows it on the ladder.
    let models: [LadderModel]
    let isProtected: Bool
    /// Of a plan that tries every model.
    let attempts: [Attempt]
    /// What the store made of it for its scripts, of a plan that tries every model.
    package var encoded: AnyObject?
    /// Where the store counts its decisions.
    package var tally: AnyObject?

    init(
        tier: Identifier, message: String?, draft: CounterDraft, models: [LadderModel], isProtected: Bool
    ) {
        self.tier = tier
        self.message = message
        validity = draft.validity
        counters = draft.counters
        countsInShadow = draft.counters.contains { $0.allowance.shadow }
        self.models = models
        self.isProtected = isProtected
        attempts = Ladder.attempts(models.map(\.counters), draft.counters, asksFirst: true, protected: isProtected)
    }
}

/// One model of a ladder, whatever the request. A reference, for every plan looks at each.
final class LadderModel {
    /// As asked, or as the ladder writes it.
    let model: Identifier
    /// The catalogue's name.
    let canonical: Identifier
    /// The longest answer it gives.
    let ownMaximum: Int64
    let price: ModelPrice?
    /// Indexes into the skeleton's counters, in policy order.
    var counters: [Int] = []

    init(model: Identifier, canonical: Identifier, ownMaximum: Int64, price: ModelPrice?) {
        self.model = model
        self.canonical = canonical
        self.ownMaximum = ownMaximum
        self.price = price
    }
}

/// What kind of request a skeleton serves: nothing of it is in a key that no allowance of the tier looks at.
struct SkeletonKey: Hashable {
    private let tier: Identifier
    private let feature: Identifier
    private let model: Identifier
    private let team: Identifier?
    private let environment: Identifier?
    private let plan: Identifier?

    /// nil for a request whose plan is its own: sessions, and users with allowances of their own, are too many to remember.
    init?(_ request: borrowing ReserveRequest, tier: TierSnapshot, named name: Identifier) {
        let attribution = request.attribution
        let dimensions = tier.dimensions
        if tier.matchesUsers || attribution.session != nil && dimensions.contains(.session) { return nil }
        self.tier = name
        feature = attribution.feature
        model = request.model
        team = dimensions.contains(.team) ? attribution.team : nil
        environment = dimensions.contains(.environment) ? attribution.environment : nil
        plan = dimensions.contains(.plan) ? attribution.plan : nil
    }
}
