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

    private static let ownFields: Set<String> = [
        "input_tokens", "output_tokens", "cached_input_tokens", "cache_write_input_tokens", "reasoning_tokens",
    ]
    private static let anthropicFields: Set<String> = [
        "cache_creation_input_tokens", "cache_read_input_tokens", "cache_creation", "server_tool_use", "service_tier", "inference_geo",
        "iterations", "speed",
    ]
    private static let geminiFields: Set<String> = ["promptTokenCount", "candidatesTokenCount", "thoughtsTokenCount"]
    private static let bedrockFields: Set<String> = ["inputTokens", "outputTokens"]

    /// Whether a name is one of our own usage object, where nothing unknown may stand.
    package static func isOwnField(_ name: String) -> Bool { ownFields.contains(name) }
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

    fileprivate func checkParts(_ pointer: String) throws(JSONError) {
        guard tokens != nil else { throw JSONError(.amountTooLarge, "The sum passes \(Amount.maximum).", pointer: pointer) }
        guard let cache = Amount.sum(cachedInputTokens, cacheWriteInputTokens), cache <= inputTokens else {
            throw JSONError(.inconsistentUsage, "The cached part is larger than the input.", pointer: pointer)
        }
        guard reasoningTokens <= outputTokens else {
            throw JSONError(.inconsistentUsage, "The reasoning part is larger than the output.", pointer: pointer)
        }
    }
}

/// A provider's object, field by field. Absent and null counts are 0.
private struct UsageFields {
    let value: JSONValue
    let pointer: String

    init(_ value: JSONValue, _ pointer: String) {
        self.value = value
        self.pointer = pointer
    }

    func own() throws(JSONError) -> Usage {
        if let foreign = value.keys.first(where: { !UsageFormat.isOwnField($0) }) {
            throw JSONError(.unknownField, "There is no field \"\(foreign)\" here.", pointer: pointer + JSONError.step(foreign))
        }
        var usage = Usage(inputTokens: try required("input_tokens"), outputTokens: try required("output_tokens"))
        if let empty = value.keys.first(where: { value[$0]?.isNull == true }) {
            throw JSONError(.invalid, "Must be a whole number of 0 or more, in plain digits.", pointer: pointer + JSONError.step(empty))
        }
        usage.cachedInputTokens = try count("cached_input_tokens")
        usage.cacheWriteInputTokens = try count("cache_write_input_tokens")
        usage.reasoningTokens = try count("reasoning_tokens")
        return usage
    }

    /// Cached and written parts are inside the input, reasoning inside the output.
    func openAI(input: String, output: String) throws(JSONError) -> Usage {
        let inputs = nested([input + "_details", "input_token_details"])
        let outputs = nested([output + "_details", "output_token_details"])
        var usage = Usage(inputTokens: try required(input), outputTokens: try count(output))
        usage.cachedInputTokens = try inputs.count("cached_tokens")
        if inputs.value["cached_tokens"] == nil { usage.cachedInputTokens = try count("prompt_cache_hit_tokens") }
        usage.cacheWriteInputTokens = try inputs.count("cache_write_tokens")
        usage.reasoningTokens = try outputs.count("reasoning_tokens")
        return try charged(usage, total: "total_tokens")
    }

    /// The three kinds of input are disjoint; output includes thinking.
    func anthropic() throws(JSONError) -> Usage {
        let read = try count("cache_read_input_tokens")
        var written = try count("cache_creation_input_tokens")
        let split = nested(["cache_creation"])
        let parts = try sum([
            try split.count("ephemeral_5m_input_tokens"), try split.count("ephemeral_1h_input_tokens"),
        ])
        let mismatch = value["cache_creation"].map { !$0.isNull } ?? false && parts != written
        written = max(written, parts)
        var usage = Usage(
            inputTokens: try sum([try required("input_tokens"), read, written]), outputTokens: try count("output_tokens"))
        usage.cachedInputTokens = read
        usage.cacheWriteInputTokens = written
        usage.reasoningTokens = try nested(["output_tokens_details"]).count("thinking_tokens")
        usage.totalMismatch = mismatch
        return usage
    }

    /// Cached is inside the prompt; thoughts are outside the candidates; tool prompts are extra input.
    func gemini() throws(JSONError) -> Usage {
        let answer = value["candidatesTokenCount"]?.isNull ?? true ? "responseTokenCount" : "candidatesTokenCount"
        let thoughts = try count("thoughtsTokenCount")
        var usage = Usage(
            inputTokens: try sum([try required("promptTokenCount"), try count("toolUsePromptTokenCount")]),
            outputTokens: try sum([try count(answer), thoughts]))
        usage.cachedInputTokens = try count("cachedContentTokenCount")
        usage.reasoningTokens = thoughts
        let prompt = try count("promptTokenCount")
        guard usage.cachedInputTokens <= prompt else {
            throw JSONError(.inconsistentUsage, "The cached part is larger than the prompt.", pointer: pointer)
        }
        return try charged(usage, total: "totalTokenCount")
    }

    /// Disjoint like Anthropic's.
    func bedrock() throws(JSONError) -> Usage {
        let read = max(try count("cacheReadInputTokens"), try count("cacheReadInputTokenCount"))
        let written = max(try count("cacheWriteInputTokens"), try count("cacheWriteInputTokenCount"))
        var usage = Usage(
            inputTokens: try sum([try required("inputTokens"), read, written]), outputTokens: try count("outputTokens"))
        usage.cachedInputTokens = read
        usage.cacheWriteInputTokens = written
        return try charged(usage, total: "totalTokens")
    }

    /// A total that is not the sum of its parts: the larger is charged, the excess as output, which never costs less.
    private func charged(_ usage: Usage, total: String) throws(JSONError) -> Usage {
        guard let stated = value[total], !stated.isNull else { return usage }
        let total = try count(total)
        let sum = try sum([usage.inputTokens, usage.outputTokens])
        guard total != sum else { return usage }
        // Before the excess is added, which would hide a part larger than its whole.
        try usage.checkParts(pointer)
        var usage = usage
        usage.totalMismatch = true
        if total > sum { usage.outputTokens += total - sum }
        return usage
    }

    private func nested(_ names: [String]) -> UsageFields {
        for name in names {
            if let inner = value[name], case .object = inner { return UsageFields(inner, pointer + JSONError.step(name)) }
        }
        return UsageFields(.object([]), pointer)
    }

    private func required(_ name: String) throws(JSONError) -> Int64 {
        guard let field = value[name], !field.isNull else {
            throw JSONError(.missingField, "\"\(name)\" is missing.", pointer: pointer + JSONError.step(name))
        }
        return try count(name)
    }

    func count(_ name: String) throws(JSONError) -> Int64 {
        guard let field = value[name], !field.isNull else { return 0 }
        let place = pointer + JSONError.step(name)
        guard case .number(let text) = field, text.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else {
            throw JSONError(.invalid, "Must be a whole number of 0 or more, in plain digits.", pointer: place)
        }
        guard let count = Int64(text), count <= Amount.maximum else {
            throw JSONError(.amountTooLarge, "Must be at most \(Amount.maximum).", pointer: place)
        }
        return count
    }

    private func sum(_ parts: [Int64]) throws(JSONError) -> Int64 {
        var total: Int64 = 0
        for part in parts {
            guard let next = Amount.sum(total, part) else {
                throw JSONError(.amountTooLarge, "The sum passes \(Amount.maximum).", pointer: pointer)
            }
            total = next
        }
        return total
    }
}
