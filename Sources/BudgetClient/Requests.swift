package import Foundation

/// The body of reserve and check. Amounts are tokens; whatever is nil is left to the service's defaults.
package struct ReserveBody: Encodable, Hashable, Sendable {
    package var attribution: AttributionBody
    package var model: String
    package var inputTokens: Int64
    package var maxOutputTokens: Int64?
    package var minOutputTokens: Int64?
    /// `standard`, `batch`, `flex` or `priority`.
    package var priceClass: String?
    /// 1-86400.
    package var ttlSeconds: Int64?
    /// 1-128 visible ASCII characters; makes repeating the call safe.
    package var idempotencyKey: String?
    package var labels: [String: String]?
    package var promptHash: String?

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
        case priceClass = "price_class"
        case ttlSeconds = "ttl_seconds"
        case idempotencyKey = "idempotency_key"
        case labels
        case promptHash = "prompt_hash"
    }

    package func encode(to encoder: any Encoder) throws {
        try attribution.encode(to: encoder)
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(model, forKey: .model)
        try fields.encode(inputTokens, forKey: .inputTokens)
        try fields.encodeIfPresent(maxOutputTokens, forKey: .maxOutputTokens)
        try fields.encodeIfPresent(minOutputTokens, forKey: .minOutputTokens)
        try fields.encodeIfPresent(priceClass, forKey: .priceClass)
        try fields.encodeIfPresent(ttlSeconds, forKey: .ttlSeconds)
        try fields.encodeIfPresent(idempotencyKey, forKey: .idempotencyKey)
        try fields.encodeIfPresent(labels, forKey: .labels)
        try fields.encodeIfPresent(promptHash, forKey: .promptHash)
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
package struct UsageBody: Codable, Hashable, Sendable {
    /// Cached tokens and cache writes included.
    package var inputTokens: Int64
    /// Reasoning, audio and images included.
    package var outputTokens: Int64
    package var cachedInputTokens: Int64?
    package var cacheWriteInputTokens: Int64?
    /// Of the cache writes, those for an hour.
    package var cacheWriteHourInputTokens: Int64?
    package var audioInputTokens: Int64?
    /// Both audio and cached.
    package var cachedAudioInputTokens: Int64?
    package var imageInputTokens: Int64?
    /// Both image and cached.
    package var cachedImageInputTokens: Int64?
    package var reasoningTokens: Int64?
    package var audioOutputTokens: Int64?
    package var imageOutputTokens: Int64?

    package init(inputTokens: Int64, outputTokens: Int64) {
        self.inputTokens = inputTokens
        self.outputTokens = outputTokens
    }

    private enum CodingKeys: String, CodingKey {
        case inputTokens = "input_tokens"
        case outputTokens = "output_tokens"
        case cachedInputTokens = "cached_input_tokens"
        case cacheWriteInputTokens = "cache_write_input_tokens"
        case cacheWriteHourInputTokens = "cache_write_1h_input_tokens"
        case audioInputTokens = "audio_input_tokens"
        case cachedAudioInputTokens = "cached_audio_input_tokens"
        case imageInputTokens = "image_input_tokens"
        case cachedImageInputTokens = "cached_image_input_tokens"
        case reasoningTokens = "reasoning_tokens"
        case audioOutputTokens = "audio_output_tokens"
        case imageOutputTokens = "image_output_tokens"
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
    package var latencyMilliseconds: Int64?
    package var status: String?

    package init(_ reservationID: String, usage: UsageBody?) {
        self.reservationID = reservationID
        self.usage = usage
    }

    private enum CodingKeys: String, CodingKey {
        case reservationID = "reservation_id"
        case usage, model, final
        case latencyMilliseconds = "latency_ms"
        case status
    }
}

/// The body of release.
package struct ReleaseBody: Encodable, Hashable, Sendable {
    package var reservationID: String

    package init(_ reservationID: String) { self.reservationID = reservationID }

    private enum CodingKeys: String, CodingKey { case reservationID = "reservation_id" }
}

/// The body of extend.
package struct ExtendBody: Encodable, Hashable, Sendable {
    package var reservationID: String
    /// 1-86400.
    package var ttlSeconds: Int64

    package init(_ reservationID: String, _ ttlSeconds: Int64) {
        self.reservationID = reservationID
        self.ttlSeconds = ttlSeconds
    }

    private enum CodingKeys: String, CodingKey {
        case reservationID = "reservation_id"
        case ttlSeconds = "ttl_seconds"
    }
}

/// The body of record: usage that had no reserve.
package struct RecordBody: Encodable, Hashable, Sendable {
    package enum What: Hashable, Sendable {
        case tokens(UsageBody, model: String)
        /// Dollars, for something that is not counted in tokens.
        case cost(Decimal, component: String)
    }
    package var attribution: AttributionBody
    package var what: What
    package var idempotencyKey: String
    package var priceClass: String?
    package var labels: [String: String]?
    package var promptHash: String?

    package init(user: String, _ what: What, idempotencyKey: String) {
        attribution = AttributionBody(user: user)
        self.what = what
        self.idempotencyKey = idempotencyKey
    }

    private enum CodingKeys: String, CodingKey {
        case usage, model
        case cost = "cost_usd"
        case component
        case idempotencyKey = "idempotency_key"
        case priceClass = "price_class"
        case labels
        case promptHash = "prompt_hash"
    }

    package func encode(to encoder: any Encoder) throws {
        try attribution.encode(to: encoder)
        var fields = encoder.container(keyedBy: CodingKeys.self)
        switch what {
        case .tokens(let usage, let model):
            try fields.encode(usage, forKey: .usage)
            try fields.encode(model, forKey: .model)
        case .cost(let dollars, let component):
            try fields.encode(dollars, forKey: .cost)
            try fields.encode(component, forKey: .component)
        }
        try fields.encode(idempotencyKey, forKey: .idempotencyKey)
        try fields.encodeIfPresent(priceClass, forKey: .priceClass)
        try fields.encodeIfPresent(labels, forKey: .labels)
        try fields.encodeIfPresent(promptHash, forKey: .promptHash)
    }
}
