/// The dialects of usage objects that a commit accepts verbatim. Field names and what includes what: the providers' API
/// references as of November 2026.
package enum UsageFormat: String, CaseIterable, Sendable, Hashable {
    case tokenBudget = "token_budget"
    case openAIChat = "openai_chat"
    case openAIResponses = "openai_responses"
    case anthropic
    case gemini
    case bedrock

    /// The dialect of an object that does not say: ours if all names are ours, then Anthropic's cache fields, then
    /// `*_tokens_details`, Gemini's and Bedrock's camel case.
    package static func detect(_ usage: JSONValue) -> UsageFormat {
        let keys = usage.keys
        if keys.allSatisfy(ownFields.contains) { return .tokenBudget }
        if keys.contains(where: anthropicFields.contains) { return .anthropic }
        if keys.contains("prompt_tokens") || keys.contains("prompt_tokens_details") { return .openAIChat }
        if keys.contains(where: { $0.hasSuffix("_tokens_details") || $0.hasSuffix("_token_details") }) {
            return .openAIResponses
        }
        if keys.contains(where: geminiFields.contains) { return .gemini }
        if keys.contains(where: bedrockFields.contains) { return .bedrock }
        // Nobody's: read as ours, which names the field that is not known instead of passing over what it may mean.
        return keys.contains("total_tokens") ? .openAIResponses : .tokenBudget
    }

    private static let ownFields: [String] = [
        "input_tokens", "output_tokens", "cached_input_tokens", "cache_write_input_tokens", "cache_write_1h_input_tokens",
        "audio_input_tokens", "cached_audio_input_tokens", "image_input_tokens", "cached_image_input_tokens", "reasoning_tokens",
        "audio_output_tokens", "image_output_tokens",
    ]
    private static let anthropicFields: [String] = [
        "cache_creation_input_tokens", "cache_read_input_tokens", "cache_creation", "server_tool_use", "service_tier", "inference_geo",
        "iterations", "speed",
    ]
    private static let geminiFields: [String] = ["promptTokenCount", "candidatesTokenCount", "thoughtsTokenCount"]
    private static let bedrockFields: [String] = ["inputTokens", "outputTokens"]
}

extension Usage {
    /// Reads a usage object of `format`, found at `pointer` in the body.
    /// - Throws: `invalid_field` for a count that is no plain integer, `unknown_field` in an object of our own,
    ///   `usage_inconsistent` when a part is larger than its whole, `amount_too_large`.
    package init(_ value: JSONValue, format: UsageFormat, pointer: String) throws(JSONError) {
        guard case .object = value else { throw JSONError(.invalid, "Must be an object.", pointer: pointer) }
        let fields = UsageFields(value, pointer)
        switch format {
        case .tokenBudget: self = try fields.own()
        case .openAIChat: self = try fields.openAI(input: "prompt_tokens", output: "completion_tokens")
        case .openAIResponses: self = try fields.openAI(input: "input_tokens", output: "output_tokens")
        case .anthropic: self = try fields.anthropic()
        case .gemini: self = try fields.gemini()
        case .bedrock: self = try fields.bedrock()
        }
        try checkParts(pointer)
    }
}
