import BudgetModel

/// What a FOCUS export needs to know besides the ledger. FOCUS: the FinOps Open Cost and Usage Specification, focus.finops.org.
package struct FocusSettings: Hashable, Sendable {
    package enum Version: String, CaseIterable, Hashable, Sendable {
        case v13 = "1.3"
        /// Without the two columns it removed: ProviderName and PublisherName.
        case v14 = "1.4"
    }

    package var version = Version.v13
    package var billingAccount = "token-budget"
    /// Whether these costs are charged to somebody. Mere showback bills nothing: the provider's own invoice is in other rows.
    package var isBilled = false

    package init() {}
}

extension UsageQuery {
    /// The report that FOCUS rows are made of: one row for each period and everything that tells charges apart.
    package static func focus(from: Int64, to: Int64, period: UsagePeriod = .day, byUser: Bool = false) -> UsageQuery {
        var query = UsageQuery(from: from, to: to)
        query.period = period
        query.groups = FocusWriter.groups + (byUser ? [.dimension(.user)] : [])
        return query
    }
}

/// Who sells a model, as far as its name tells.
enum ModelProvider {
    private static let prefixes = [
        ("gpt-", "OpenAI"), ("chatgpt-", "OpenAI"), ("o1", "OpenAI"), ("o3", "OpenAI"), ("o4", "OpenAI"), ("text-embedding-", "OpenAI"),
        ("claude-", "Anthropic"), ("gemini-", "Google"), ("mistral-", "Mistral AI"), ("deepseek-", "DeepSeek"), ("grok-", "xAI"),
        ("command-", "Cohere"),
    ]

    /// `bedrock/claude-3` -> `bedrock`; nil when nothing is known.
    static func name(of model: String) -> String? {
        if let slash = model.firstIndex(of: "/"), slash != model.startIndex { return String(model[..<slash]) }
        return prefixes.first { model.hasPrefix($0.0) }?.1
    }
}
