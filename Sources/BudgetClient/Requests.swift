import Foundation

/// The body of reserve and check. Amounts are tokens; whatever is nil is left to the service's defaults.
package struct ReserveBody: Encodable, Hashable, Sendable {
    package var attribution: AttributionBody
    package var model: String
    package var inputTokens: Int64
    package var maxOutputTokens: Int64?
    package var minOutputTokens: Int64?
    /// 1-86400.
    package var ttlSeconds: Int64?
    /// 1-128 visible ASCII characters; makes repeating the call safe.
    package var idempotencyKey: String?

    package init(user: String, model: String, inputTokens: Int64) {
        attribution = AttributionBody(user: user)
        self.model = model
        self.inputTokens = inputTokens
    }

    private enum CodingKeys: String, CodingKey {
        case model
        case inputTokens = "input_tokens"
        case maxOutputTokens = "max_output_tokens"
        case minOutputTokens = "min_output_tokens"
        case ttlSeconds = "ttl_seconds"
        case idempotencyKey = "idempotency_key"
    }

    package func encode(to encoder: any Encoder) throws {
        try attribution.encode(to: encoder)
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(model, forKey: .model)
        try fields.encode(inputTokens, forKey: .inputTokens)
        try fields.encodeIfPresent(maxOutputTokens, forKey: .maxOutputTokens)
        try fields.encodeIfPresent(minOutputTokens, forKey: .minOutputTokens)
        try fields.encodeIfPresent(ttlSeconds, forKey: .ttlSeconds)
        try fields.encodeIfPresent(idempotencyKey, forKey: .idempotencyKey)
    }
}

/// Whose usage it is: 1-256 bytes each, without control characters. Its fields stand beside those of the call.
package struct AttributionBody: Encodable, Hashable, Sendable {
    package var user: String
    package var feature: String?
    package var tier: String?
    package var team: String?
    package var environment: String?
    package var plan: String?
    package var session: String?

    package init(user: String) { self.user = user }
}

/// Tokens as this service counts them: the parts lie inside their wholes.
package struct UsageBody: Encodable, Hashable, Sendable {
    /// Cached tokens and cache writes included.
    package var inputTokens: Int64
    /// Reasoning, audio and images included.
    package var outputTokens: Int64
    package var cachedInputTokens: Int64?

    package init(inputTokens: Int64, outputTokens: Int64) {
        self.inputTokens = inputTokens
        self.outputTokens = outputTokens
    }

    private enum CodingKeys: String, CodingKey {
        case inputTokens = "input_tokens"
        case outputTokens = "output_tokens"
        case cachedInputTokens = "cached_input_tokens"
    }
}

/// The body of commit. Without `usage` the call was aborted: the estimate of its input is charged.
package struct CommitBody: Encodable, Hashable, Sendable {
    package var reservationID: String
    package var usage: UsageBody?
    /// What was really called, if it was not the model held.
    package var model: String?
    /// false for a checkpoint of a call that goes on.
    package var final: Bool?

    package init(_ reservationID: String, usage: UsageBody?) {
        self.reservationID = reservationID
        self.usage = usage
    }

    private enum CodingKeys: String, CodingKey {
        case reservationID = "reservation_id"
        case usage, model, final
    }
}
