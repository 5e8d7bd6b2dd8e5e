package import Foundation

// Users, what ops give and take, and what is held.

extension ControlRequest where Reply == UsersReply {
    /// - Parameter search: a part of the user's id, case sensitive.
    /// - Parameter cursor: the `nextCursor` of the page before.
    package static func users(search: String?, limit: Int, cursor: String?) -> Self {
        Self(.get, "users").asking("search", search).asking("limit", String(limit)).asking("cursor", cursor)
    }
}

extension ControlRequest where Reply == UserStateReply {
    package static func user(_ user: String) -> Self { Self(.get, "users", user) }

    /// Merges into what ops have assigned so far.
    package static func assign(_ user: String, _ body: AssignmentBody) throws -> Self {
        try Self(.put, "users", user).sending(body)
    }

    /// Takes back tier, freeze, limits and grants. What was used stays.
    package static func unassign(_ user: String) -> Self { Self(.delete, "users", user) }
}

extension ControlRequest where Reply == GrantReply {
    package static func grant(_ user: String, _ body: GrantBody) throws -> Self {
        try Self(.post, "users", user, "grants").sending(body)
    }
}

extension ControlRequest where Reply == ResetReply {
    package static func reset(_ user: String, _ body: ResetBody) throws -> Self {
        try Self(.post, "users", user, "reset").sending(body)
    }
}

extension ControlRequest where Reply == EraseReply {
    package static func erase(_ user: String, reason: String?) throws -> Self {
        try Self(.post, "users", user, "erase").sending(EraseBody(reason: reason))
    }
}

extension ControlRequest where Reply == ReservationsReply {
    package static func reservations(of user: String) -> Self { Self(.get, "reservations").asking("user", user) }
}

extension ControlRequest where Reply == SharedAllowancesReply {
    package static var allowances: Self { Self(.get, "allowances") }
}

/// What ops assign to a user. What is nil stays as it is.
package struct AssignmentBody: Encodable, Hashable, Sendable {
    /// A value, or none any more.
    package enum Setting<Value: Encodable & Hashable & Sendable>: Encodable, Hashable, Sendable {
        case to(Value)
        case cleared

        package func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .to(let value): try container.encode(value)
            case .cleared: try container.encodeNil()
            }
        }
    }

    package var tier: Setting<String>?
    package var frozen: Bool?
    /// By allowance, in its unit.
    package var limits: [String: Setting<Decimal>]?
    package var reason: String?

    package init() {}
}

/// A top-up: raises the limit in every window that begins before `expiresAt`; without that in the present window only.
package struct GrantBody: Encodable, Hashable, Sendable {
    package var allowance: String
    /// In the allowance's unit; dollars for `usd`.
    package var amount: Decimal
    /// RFC 3339. Required where no window ends: refill, in_flight, lifetime.
    package var expiresAt: String?
    /// Makes it safe to repeat the call.
    package var grantID: String?
    package var dimensions: [String: String]?
    package var reason: String?

    package init(_ allowance: String, _ amount: Decimal) {
        self.allowance = allowance
        self.amount = amount
    }

    private enum CodingKeys: String, CodingKey {
        case allowance, amount
        case expiresAt = "expires_at"
        case grantID = "grant_id"
        case dimensions, reason
    }
}

/// Zeroes what a user has used of an allowance; holds stay.
package struct ResetBody: Encodable, Hashable, Sendable {
    package var allowance: String
    package var dimensions: [String: String]?
    package var reason: String?

    package init(_ allowance: String) { self.allowance = allowance }
}

private struct EraseBody: Encodable {
    var reason: String?
}
