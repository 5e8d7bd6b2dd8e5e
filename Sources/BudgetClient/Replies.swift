package import Foundation

/// The answer to reserve and check. Fields this client does not know are ignored, so that a newer service still works.
package struct DecisionReply: Decodable, Hashable, Sendable {
    /// `allow`, `degrade` or `reject`.
    package var decision: String
    /// nil when nothing is held: a rejection or a check.
    package var reservationID: String?
    package var model: String?
    package var maxOutputTokens: Int64?
    /// RFC 3339, UTC.
    package var expiresAt: String?
    package var reason: String?
    /// The allowance the reason speaks of.
    package var allowance: String?
    /// Of a rejection: fit to show an end user.
    package var message: String?
    package var retryAfterSeconds: Int64?
    package var held: ChargeReply?
    package var allowances: [AllowanceReply]

    package var isRejected: Bool { decision == "reject" }

    private enum CodingKeys: String, CodingKey {
        case decision
        case reservationID = "reservation_id"
        case model
        case maxOutputTokens = "max_output_tokens"
        case expiresAt = "expires_at"
        case reason, allowance, message
        case retryAfterSeconds = "retry_after_seconds"
        case held, allowances
    }
}

/// Tokens and what they cost.
package struct ChargeReply: Codable, Hashable, Sendable {
    package var tokens: Int64
    /// Dollars, exact; nil without a price.
    package var cost: Decimal?

    private enum CodingKeys: String, CodingKey {
        case tokens
        case cost = "cost_usd"
    }
}

/// One allowance's counter. Amounts are in its unit: whole numbers, or dollars for `usd`.
package struct AllowanceReply: Decodable, Hashable, Sendable {
    package var name: String
    package var unit: String
    package var limit: Decimal
    package var used: Decimal
    package var held: Decimal
    package var remaining: Decimal
    /// RFC 3339, UTC: the window's end, or when a refill is full; nil where there is none.
    package var resetsAt: String?
    /// What it is counted per besides the user; only in a user's answer.
    package var dimensions: [String: String]?
    /// Counted and reported, never binding.
    package var shadow: Bool?
    /// Of a shadow allowance that many share: requests that it would have refused.
    package var wouldReject: Int64?

    private enum CodingKeys: String, CodingKey {
        case name, unit, limit, used, held, remaining
        case resetsAt = "resets_at"
        case dimensions, shadow
        case wouldReject = "would_reject"
    }
}

/// The answer to commit.
package struct SettlementReply: Decodable, Hashable, Sendable {
    /// nil where the service only took note of the usage because its store is down (status 202).
    package var state: String?
    package var charged: ChargeReply?
    package var released: ChargeReply?
    package var late: Bool?
    package var overHold: Bool?
    package var replayed: Bool?
    /// No usage was sent: the estimate of the input was charged.
    package var estimated: Bool?
    package var unpriced: Bool?
    /// Of a checkpoint: the stream should end.
    package var stop: Bool?
    package var expiresAt: String?
    package var allowances: [AllowanceReply]?

    private enum CodingKeys: String, CodingKey {
        case state, charged, released, late
        case overHold = "over_hold"
        case replayed, estimated, unpriced, stop
        case expiresAt = "expires_at"
        case allowances
    }
}

/// The answer to `GET /v1/users/{user}`.
package struct UserReply: Decodable, Hashable, Sendable {
    package var user: String
    /// Assigned, else last seen, else the policy's default; nil without any.
    package var tier: String?
    package var frozen: Bool
    package var allowances: [AllowanceReply]
}
