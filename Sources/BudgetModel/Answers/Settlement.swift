/// What a commit reports.
package struct CommitRequest: Hashable, Sendable {
    package var reservation: String
    /// nil for an aborted call: then the estimate of its input is charged.
    package var usage: Usage?
    /// What was really called, if it was not the model held.
    package var model: Identifier?
    /// false for a checkpoint of a call that goes on.
    package var final = true
    package var latencyMilliseconds: Int64?
    package var status: String?
    /// Fields of the provider's usage object that mean nothing here, as a JSON object; no part of what is asked.
    package var unknownUsage: String?
    /// The trace the call is part of; no part of what is asked, so a repetition in another trace is the same request.
    package var traceID: TraceID?

    package init(reservation: String) { self.reservation = reservation }
}

/// Usage that had no reserve.
package struct RecordRequest: Hashable, Sendable {
    package enum What: Hashable, Sendable {
        case tokens(Usage, model: Identifier)
        /// Microcents, for something that is not counted in tokens.
        case cost(Int64, component: Identifier)
    }
    package var attribution: Attribution
    package var what: What
    package var priceClass: PriceClass = .standard
    package var idempotencyKey: String
    package var labels: [String: String] = [:]
    package var promptHash: String?
    /// Fields of the provider's usage object that mean nothing here, as a JSON object; no part of what is asked.
    package var unknownUsage: String?
    /// The trace the call is part of; no part of what is asked, so a repetition in another trace is the same request.
    package var traceID: TraceID?

    package init(attribution: Attribution, what: What, idempotencyKey: String) {
        self.attribution = attribution
        self.what = what
        self.idempotencyKey = idempotencyKey
    }
}

/// The answer to a commit, checkpoint or release.
package struct Settlement: Hashable, Sendable {
    package enum State: String, Sendable {
        case active, committed, released, expired
    }
    package var state: State
    package var charged: Charge
    package var released: Charge
    package var late = false
    package var overHold = false
    package var replayed = false
    package var estimated = false
    package var unpriced = false
    package var usageMismatch = false
    /// Of a checkpoint: the stream should end.
    package var stop = false
    package var expiresAt: Int64
    package var allowances: [AllowanceState]

    package init(_ state: State, charged: Charge, released: Charge, expiresAt: Int64, allowances: [AllowanceState]) {
        self.state = state
        self.charged = charged
        self.released = released
        self.expiresAt = expiresAt
        self.allowances = allowances
    }
}

/// The answer to `GET /v1/users/{user}`.
package struct UserState: Hashable, Sendable {
    package var user: Identifier
    package var tier: Identifier?
    package var frozen: Bool
    package var allowances: [AllowanceState]

    package init(user: Identifier, tier: Identifier?, frozen: Bool, allowances: [AllowanceState]) {
        self.user = user
        self.tier = tier
        self.frozen = frozen
        self.allowances = allowances
    }
}
