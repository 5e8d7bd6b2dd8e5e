/// What an app server asks before a model request. `check` asks the same and holds nothing.
///
/// Initialisers that take what they need of one borrow it: each would copy all of its strings otherwise.
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
