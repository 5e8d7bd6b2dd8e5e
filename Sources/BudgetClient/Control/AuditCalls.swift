package import Foundation

// Counters against the ledger.

extension ControlRequest where Reply == AuditReply {
    /// - Parameter user: this user's own counters only; nil: everybody's, and the shared ones.
    package static func audit(of user: String?) -> Self { Self(.get, "audit").asking("user", user) }

    package static func repair(_ body: RepairBody) throws -> Self { try Self(.post, "audit", "repair").sending(body) }
}

package struct RepairBody: Encodable, Hashable, Sendable {
    package var user: String?
    package var dryRun: Bool
    package var reason: String?

    package init(user: String?, dryRun: Bool, reason: String?) { (self.user, self.dryRun, self.reason) = (user, dryRun, reason) }

    private enum CodingKeys: String, CodingKey {
        case user, reason
        case dryRun = "dry_run"
    }
}

/// What an audit found, and what a repair set right.
package struct AuditReply: Decodable, Hashable, Sendable {
    package struct Checked: Decodable, Hashable, Sendable {
        package var users: Int64
        package var counters: Int64
        package var reservations: Int64
    }

    package struct Difference: Decodable, Hashable, Sendable {
        /// nil of a shared counter.
        package var user: String?
        package var allowance: String
        package var dimensions: [String: String]?
        package var unit: String
        package var used: Decimal
        package var ledger: Decimal
        package var held: Decimal
        package var openHolds: Decimal

        private enum CodingKeys: String, CodingKey {
            case user, allowance, dimensions, unit, used, ledger, held
            case openHolds = "open_holds"
        }
    }

    package var clean: Bool
    package var dryRun: Bool?
    package var repaired: Int64?
    package var checked: Checked
    /// Differences, listed or not.
    package var found: Int64
    package var differences: [Difference]

    private enum CodingKeys: String, CodingKey {
        case clean, repaired, checked, found, differences
        case dryRun = "dry_run"
    }
}
