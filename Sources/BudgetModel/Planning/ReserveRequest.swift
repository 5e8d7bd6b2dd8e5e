/// What an app server asks before a model request. `check` asks the same and holds nothing.
package struct ReserveRequest: Hashable, Sendable {
    package var attribution: Attribution
    package var model: Identifier
    package var inputTokens: Int64
    package var maximumOutput: Int64?
    package var minimumOutput: Int64?
    package var priceClass: PriceClass = .standard
    /// Milliseconds.
    package var timeToLive: Int64 = 120_000
    package var idempotencyKey: String?
    package var labels: [String: String] = [:]
    package var promptHash: String?
    /// The trace the call is part of; no part of what is asked, so a repetition in another trace is the same request.
    package var traceID: TraceID?

    package init(user: Identifier, model: Identifier, inputTokens: Int64) {
        attribution = Attribution(user: user)
        self.model = model
        self.inputTokens = inputTokens
    }
}

/// Why no plan can be made: the request is well formed but unusable under this policy (422).
package enum PlanError: Error, Hashable, Sendable {
    case noPolicy
    case unknownTier(Identifier?)
    case outputUnknown(model: Identifier)
    case minimumAboveMaximum
    case noModelLeft(minimum: Int64)
    case unpricedModel(Identifier, allowance: Identifier)
    case missingDimension(Dimension, allowance: Identifier)
    /// The field whose amount passes 2^53 - 1, alone or in a sum.
    case amountTooLarge(field: String)
}
