/// What an allowance is counted per, and what a report groups by. The order is the order of values in a counter's key.
package enum Dimension: String, CaseIterable, Sendable, Hashable {
    case user, feature, tier, team, environment, plan, session, model
}

/// Who asks, and for what: the values of every dimension but the model, which each rung of a ladder sets anew.
package struct Attribution: Hashable, Sendable {
    package var user: Identifier
    package var feature: Identifier = Attribution.defaultFeature
    package var tier: Identifier?
    package var team: Identifier?
    package var environment: Identifier?
    package var plan: Identifier?
    package var session: Identifier?

    /// The feature of a request that names none.
    package static let defaultFeature: Identifier = "default"

    package init(user: Identifier) { self.user = user }

    package func value(of dimension: Dimension, model: Identifier?) -> Identifier? {
        switch dimension {
        case .user: user
        case .feature: feature
        case .tier: tier
        case .team: team
        case .environment: environment
        case .plan: plan
        case .session: session
        case .model: model
        }
    }
}
