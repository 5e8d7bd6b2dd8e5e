package import Foundation

/// The answer to storing a policy, a tier or prices. Fields this client does not know are ignored, here as everywhere.
package struct StoredReply: Decodable, Hashable, Sendable {
    /// The version that is current now; of a dry run the one that would be.
    package var version: Int?
    package var dryRun: Bool?
    /// The old version that a rollback made anew.
    package var rolledBackTo: Int?
    /// RFC 3339, UTC: from when on prices hold.
    package var effectiveFrom: String?
    /// Of prices: scheduled versions that never come into force now.
    package var supersedes: [ScheduledReply]?
    /// Empty when old and new mean the same.
    package var changes: [ChangeReply]
    /// Sentences about what the new policy says and hardly ever means; nil of prices.
    package var warnings: [String]?
    /// The policy had to be written anew around the edit, and a comment was dropped.
    package var commentsLost: Bool?

    private enum CodingKeys: String, CodingKey {
        case version
        case dryRun = "dry_run"
        case rolledBackTo = "rolled_back_to"
        case effectiveFrom = "effective_from"
        case supersedes, changes, warnings
        case commentsLost = "comments_lost"
    }
}

/// One difference between two versions of a document.
package struct ChangeReply: Decodable, Hashable, Sendable {
    /// `tiers.free.allowances.daily-tokens.limit`
    package var path: String
    /// `added`, `removed` or `changed`.
    package var kind: String
    /// As ops write it.
    package var from: String?
    package var to: String?
    /// A sentence.
    package var text: String?
    /// What it means for users and their counters.
    package var effect: String?
}

/// Versions of a document, newest first.
package struct VersionsReply: Decodable, Hashable, Sendable {
    package var versions: [VersionReply]
}

package struct VersionReply: Decodable, Hashable, Sendable {
    package var version: Int
    package var current: Bool?
    /// RFC 3339, UTC: when it was stored.
    package var at: String
    package var actor: String?
    package var reason: String?
    package var bytes: Int64?
    package var rolledBackTo: Int?
    /// RFC 3339, UTC; only of prices.
    package var effectiveFrom: String?
    /// Only of prices: the version because of which this one never comes into force.
    package var supersededBy: Int?

    private enum CodingKeys: String, CodingKey {
        case version, current, at, actor, reason, bytes
        case rolledBackTo = "rolled_back_to"
        case effectiveFrom = "effective_from"
        case supersededBy = "superseded_by"
    }
}

package struct TiersReply: Decodable, Hashable, Sendable {
    package var tiers: [TierReply]
}

/// A tier's section of the policy. Its name and whether it is the default stand only in a list of tiers.
package struct TierReply: Decodable, Hashable, Sendable {
    package var name: String?
    package var isDefault: Bool?
    package var allowances: [TierAllowanceReply]?
    /// The ladder.
    package var degradeTo: [String]?
    package var maxOutputTokens: Int64?
    package var message: String?
    package var protectedHours: LooseValue?
    package var whenStoreIsDown: String?
    package var storeDownCap: LooseValue?

    private enum CodingKeys: String, CodingKey {
        case name
        case isDefault = "default"
        case allowances
        case degradeTo = "degrade_to"
        case maxOutputTokens = "max_output_tokens"
        case message
        case protectedHours = "protected_hours"
        case whenStoreIsDown = "when_store_is_down"
        case storeDownCap = "store_down_cap"
    }
}

/// An allowance as the policy defines it.
package struct TierAllowanceReply: Decodable, Hashable, Sendable {
    package var name: String
    package var unit: String
    /// In `unit`; dollars for `usd`.
    package var limit: Decimal
    package var window: LooseValue?
    package var per: LooseValue?
    package var match: LooseValue?
    package var softLimit: LooseValue?
    package var overdraft: LooseValue?
    package var timeZone: String?
    package var required: Bool?
    package var shadow: Bool?

    private enum CodingKeys: String, CodingKey {
        case name, unit, limit, window, per, match
        case softLimit = "soft_limit"
        case overdraft
        case timeZone = "time_zone"
        case required, shadow
    }
}
