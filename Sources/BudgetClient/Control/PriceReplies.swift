package import Foundation

/// Prices as they hold at a time.
package struct PricesReply: Decodable, Hashable, Sendable {
    /// Of the price document; nil when there is none and all prices are the policy's.
    package var version: Int?
    /// The policy's version whose prices and discounts these are; nil when there was none.
    package var policyVersion: Int?
    /// Which policy held then is not known any more: it is the present one's.
    package var policyUndated: Bool?
    /// The digest that reservations carry.
    package var priceVersion: String?
    /// RFC 3339, UTC.
    package var at: String?
    package var prices: [String: ModelPriceReply]
    package var aliases: [String: String]?
    package var discounts: [DiscountReply]?

    private enum CodingKeys: String, CodingKey {
        case version
        case policyVersion = "policy_version"
        case policyUndated = "policy_undated"
        case priceVersion = "price_version"
        case at, prices, aliases, discounts
    }
}

/// A model's rates, as many as the service knows.
package struct ModelPriceReply: Decodable, Hashable, Sendable {
    /// `policy` or `document`: where the price is written.
    package var from: String?
    /// USD per million tokens by rate: `input`, `batch.output`, `above.200000.input`. `max_output_tokens` is in tokens.
    package var figures: [String: Decimal]

    package init(from decoder: any Decoder) throws {
        let value = try LooseValue(from: decoder)
        figures = value.figures
        if case .fields(let fields) = value, case .text(let text)? = fields["from"] { from = text }
    }
}

/// A committed-use discount.
package struct DiscountReply: Decodable, Hashable, Sendable {
    package var name: String?
    /// `15%`
    package var percent: LooseValue?
    /// All models when nil.
    package var models: LooseValue?
    package var from: String?
    package var until: String?
}

/// A version of the price document that was to come into force.
package struct ScheduledReply: Decodable, Hashable, Sendable {
    package var version: Int
    /// RFC 3339, UTC.
    package var effectiveFrom: String

    private enum CodingKeys: String, CodingKey {
        case version
        case effectiveFrom = "effective_from"
    }
}

/// What became of a catalogue's entries.
package struct ImportReply: Decodable, Hashable, Sendable {
    package struct Skipped: Decodable, Hashable, Sendable {
        package var reason: String
        package var count: Int64
        package var examples: [String]?
    }
    package struct Note: Decodable, Hashable, Sendable {
        package var text: String
        package var count: Int64?
    }

    package var version: Int?
    package var dryRun: Bool?
    /// RFC 3339, UTC.
    package var effectiveFrom: String?
    /// Scheduled versions that never come into force now.
    package var supersedes: [ScheduledReply]?
    package var taken: Int64
    package var skipped: [Skipped]?
    package var notes: [Note]?
    package var added: Int64?
    package var changed: Int64?
    package var removed: Int64?

    private enum CodingKeys: String, CodingKey {
        case version
        case dryRun = "dry_run"
        case effectiveFrom = "effective_from"
        case supersedes, taken, skipped, notes, added, changed, removed
    }
}
