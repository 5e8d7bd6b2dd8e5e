package import Foundation

// What is to come, and what could cost less.

extension ControlRequest where Reply == ForecastReply {
    /// - Parameters:
    ///   - dimension: whose forecasts are made beside the total: `feature`, `tier`, ...
    ///   - user: whose spend and allowances alone are looked at.
    package static func forecast(by dimension: String?, user: String?) -> Self {
        Self(.get, "forecast").asking("by", dimension).asking("user", user)
    }
}

extension ControlRequest where Reply == InsightsReply {
    /// - Parameters:
    ///   - from: RFC 3339; seven days before `to` without it.
    ///   - since: `30d` or `12h` up to now, in place of both.
    package static func insights(from: String?, to: String?, since: String?, revenue: [PlanRevenue]) -> Self {
        Self(.get, "insights").asking("from", from).asking("to", to).asking("since", since).asking("revenue", revenue)
    }
}

package struct ForecastReply: Decodable, Hashable, Sendable {
    package struct Spend: Decodable, Hashable, Sendable {
        package var spent: Decimal
        /// nil while it is too early to say.
        package var expected: Decimal?
        package var low: Decimal?
        package var high: Decimal?
        package var confidence: String
        package var sentence: String
        /// Of a group: the dimension's value.
        package var name: String?

        private enum CodingKeys: String, CodingKey, CaseIterable {
            case spent = "spent_usd"
            case expected = "expected_usd"
            case low = "low_usd"
            case high = "high_usd"
            case confidence, sentence, feature, tier, team, environment, plan, model

            static let names: [CodingKeys] = [.feature, .tier, .team, .environment, .plan, .model]
        }

        package init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: CodingKeys.self)
            spent = try fields.decode(Decimal.self, forKey: .spent)
            expected = try fields.decodeIfPresent(Decimal.self, forKey: .expected)
            low = try fields.decodeIfPresent(Decimal.self, forKey: .low)
            high = try fields.decodeIfPresent(Decimal.self, forKey: .high)
            confidence = try fields.decode(String.self, forKey: .confidence)
            sentence = try fields.decode(String.self, forKey: .sentence)
            name = try CodingKeys.names.lazy.compactMap { try fields.decodeIfPresent(String.self, forKey: $0) }.first
        }
    }

    package struct Outlook: Decodable, Hashable, Sendable {
        package var name: String
        package var sentence: String
    }

    package var month: String
    package var spend: Spend
    package var by: String?
    package var groups: [Spend]?
    package var more: Bool?
    package var allowances: [Outlook]
}

package struct InsightsReply: Decodable, Hashable, Sendable {
    package struct Examined: Decodable, Hashable, Sendable {
        package var from: String
        package var to: String
        package var requests: Int64
        package var capped: Bool
        package var incomplete: Bool?
    }

    package struct Insight: Decodable, Hashable, Sendable {
        package var kind: String
        package var sentence: String
        package var saving: Decimal
        package var monthlySaving: Decimal?
        package var confidence: String

        private enum CodingKeys: String, CodingKey {
            case kind, sentence, confidence
            case saving = "saving_usd"
            case monthlySaving = "saving_usd_30_days"
        }
    }

    package var examined: Examined
    package var insights: [Insight]
}
