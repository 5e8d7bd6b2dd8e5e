package import Foundation

/// A page of users.
package struct UsersReply: Decodable, Hashable, Sendable {
    package struct User: Decodable, Hashable, Sendable {
        package var user: String
        /// Assigned, else last seen, else the policy's default.
        package var tier: String?
        package var frozen: Bool?
    }

    package var users: [User]
    /// nil on the last page. A page may have fewer users than asked for, even none, and yet not be the last.
    package var nextCursor: String?

    private enum CodingKeys: String, CodingKey {
        case users
        case nextCursor = "next_cursor"
    }
}

/// A user as ops see them.
package struct UserStateReply: Decodable, Hashable, Sendable {
    package var user: String
    /// Assigned, else last seen, else the policy's default; nil without any.
    package var tier: String?
    package var assignedTier: String?
    package var frozen: Bool
    /// The user's own limits by allowance, in the unit they were set in. The decision API has no such field.
    package var limits: [String: Decimal]
    /// The unit each of `limits` was set in; nil where the service does not know. A service of an earlier version does not say.
    package var limitUnits: [String: String?]?
    /// Of `limits`, those that limit nothing: policy counts the allowance in another unit now, or no more.
    package var limitsNotApplied: [String]?
    package var grants: [UserGrantReply]?
    package var allowances: [AllowanceReply]

    private enum CodingKeys: String, CodingKey {
        case user, tier
        case assignedTier = "assigned_tier"
        case frozen, limits
        case limitUnits = "limit_units"
        case limitsNotApplied = "limits_not_applied"
        case grants, allowances
    }
}

/// A top-up that holds.
package struct UserGrantReply: Decodable, Hashable, Sendable {
    package var grantID: String?
    package var allowance: String
    package var amount: Decimal
    /// In which it was granted; nil where the service does not know or say.
    package var unit: String?
    /// false: policy counts the allowance in another unit now, or no more, so that the top-up raises nothing.
    package var applies: Bool?
    /// RFC 3339, UTC.
    package var expiresAt: String?
    package var grantedAt: String?
    package var actor: String?
    package var reason: String?
    package var dimensions: [String: String]?

    private enum CodingKeys: String, CodingKey {
        case grantID = "grant_id"
        case allowance, amount, unit, applies
        case expiresAt = "expires_at"
        case grantedAt = "granted_at"
        case actor, reason, dimensions
    }
}

/// The answer to a top-up.
package struct GrantReply: Decodable, Hashable, Sendable {
    package var grantID: String?
    package var allowance: String
    package var amount: Decimal
    package var unit: String?
    package var expiresAt: String?
    /// The same grant had been given before: nothing was added.
    package var replayed: Bool?
    package var allowances: [AllowanceReply]?

    private enum CodingKeys: String, CodingKey {
        case grantID = "grant_id"
        case allowance, amount, unit
        case expiresAt = "expires_at"
        case replayed, allowances
    }
}

package struct ResetReply: Decodable, Hashable, Sendable {
    package struct Counter: Decodable, Hashable, Sendable {
        package var name: String
        package var dimensions: [String: String]?
        package var unit: String
        package var usedBefore: Decimal

        private enum CodingKeys: String, CodingKey {
            case name, dimensions, unit
            case usedBefore = "used_before"
        }
    }

    package var user: String
    package var reset: [Counter]
    package var allowances: [AllowanceReply]?
}

package struct EraseReply: Decodable, Hashable, Sendable {
    package struct Counts: Decodable, Hashable, Sendable {
        package var counters: Int64?
        package var reservations: Int64?
        package var holds: Int64?
    }

    package var user: String
    package var erased: Counts
}

package struct ReservationsReply: Decodable, Hashable, Sendable {
    package var reservations: [ReservationReply]
}

package struct ReservationReply: Decodable, Hashable, Sendable {
    package var reservationID: String?
    /// `open`, `committed`, `released` or `expired`.
    package var state: String
    package var model: String?
    package var held: ChargeReply?
    package var charged: ChargeReply?
    /// RFC 3339, UTC.
    package var issuedAt: String?
    package var expiresAt: String?
    package var tier: String?
    /// The allowances it was taken from.
    package var allowances: [String]?

    private enum CodingKeys: String, CodingKey {
        case reservationID = "reservation_id"
        case state, model, held, charged
        case issuedAt = "issued_at"
        case expiresAt = "expires_at"
        case tier, allowances
    }
}

/// Counters that many users share, and what allowances on trial would have refused.
package struct SharedAllowancesReply: Decodable, Hashable, Sendable {
    package struct Shadow: Decodable, Hashable, Sendable {
        package var name: String
        package var tier: String?
        /// Requests that passed although this allowance would have refused them.
        package var wouldReject: Int64

        private enum CodingKeys: String, CodingKey {
            case name, tier
            case wouldReject = "would_reject"
        }
    }

    package var allowances: [AllowanceReply]
    package var shadow: [Shadow]?
}
