/// What a provider reports beyond what is charged: kept for the ledger as it came, for who wants to look.
extension Usage {
    /// Longest JSON that is kept, bytes; fields that do not fit any more are left out.
    private static let unknownFieldsLength = 1_024

    /// The fields of a usage object that mean nothing to us, as a JSON object; nil without any.
    package static func unknownFields(of value: JSONValue, format: UsageFormat) -> String? {
        guard format != .tokenBudget, case .object(let fields) = value else { return nil }
        var json = JSONText(capacity: 64)
        var isEmpty = true
        json.object { json in
            for (name, value) in fields where !value.isNull && !format.understood.contains(name) {
                var text = JSONText(capacity: 64)
                text.value(value)
                guard json.bytes.count + name.utf8.count + text.bytes.count + 8 <= unknownFieldsLength else { continue }
                json.key(name)
                json.raw(text.bytes)
                isEmpty = false
            }
        }
        return isEmpty ? nil : json.string
    }
}

extension UsageFormat {
    /// Fields that are read, or say nothing that others do not.
    fileprivate var understood: Set<String> {
        switch self {
        case .tokenBudget: []
        case .openAIChat: Self.openAIChatFields
        case .openAIResponses: Self.openAIResponsesFields
        case .anthropic: Self.anthropicUsage
        case .gemini: Self.geminiUsage
        case .bedrock: Self.bedrockUsage
        }
    }

    private static let openAIChatFields: Set<String> = [
        "prompt_tokens", "completion_tokens", "total_tokens", "prompt_tokens_details", "completion_tokens_details",
        "prompt_cache_hit_tokens", "input_token_details", "output_token_details",
    ]
    private static let openAIResponsesFields: Set<String> = [
        "input_tokens", "output_tokens", "total_tokens", "input_tokens_details", "output_tokens_details", "input_token_details",
        "output_token_details",
    ]
    private static let anthropicUsage: Set<String> = [
        "input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens", "cache_creation",
        "output_tokens_details",
    ]
    private static let geminiUsage: Set<String> = [
        "promptTokenCount", "candidatesTokenCount", "responseTokenCount", "thoughtsTokenCount", "totalTokenCount",
        "cachedContentTokenCount", "toolUsePromptTokenCount", "promptTokensDetails", "toolUsePromptTokensDetails",
        "cacheTokensDetails", "candidatesTokensDetails", "responseTokensDetails",
    ]
    private static let bedrockUsage: Set<String> = [
        "inputTokens", "outputTokens", "totalTokens", "cacheReadInputTokens", "cacheReadInputTokenCount", "cacheWriteInputTokens",
        "cacheWriteInputTokenCount", "cacheDetails",
    ]
}

extension JSONText {
    /// Any value, numbers as they were written.
    mutating func value(_ value: JSONValue) {
        switch value {
        case .null: null()
        case .bool(let flag): bool(flag)
        case .number(let text): raw(Array(text.utf8))
        case .string(let text): string(text)
        case .array(let items): array { json in for item in items { json.value(item) } }
        case .object(let fields):
            object { json in
                for (name, value) in fields {
                    json.key(name)
                    json.value(value)
                }
            }
        }
    }
}
