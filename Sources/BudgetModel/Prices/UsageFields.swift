/// A provider's object, field by field. Absent and null counts are 0.
struct UsageFields {
    let value: JSONValue
    let pointer: String

    init(_ value: JSONValue, _ pointer: String) {
        self.value = value
        self.pointer = pointer
    }

    /// Our own object: nothing unknown and nothing null may stand in it.
    func own() throws(JSONError) -> Usage {
        guard case .object(let fields) = value else { return Usage(inputTokens: 0, outputTokens: 0) }
        var usage = Usage(inputTokens: 0, outputTokens: 0)
        for (name, count) in fields {
            switch name {
            case "input_tokens": usage.inputTokens = try whole(count, name)
            case "output_tokens": usage.outputTokens = try whole(count, name)
            case "cached_input_tokens": usage.cachedInputTokens = try whole(count, name)
            case "reasoning_tokens": usage.reasoningTokens = try whole(count, name)
            case "cache_write_input_tokens": usage.cacheWriteInputTokens = try whole(count, name)
            case "cache_write_1h_input_tokens": usage.cacheWriteHourInputTokens = try whole(count, name)
            case "audio_input_tokens": usage.audioInputTokens = try whole(count, name)
            case "cached_audio_input_tokens": usage.cachedAudioInputTokens = try whole(count, name)
            case "image_input_tokens": usage.imageInputTokens = try whole(count, name)
            case "cached_image_input_tokens": usage.cachedImageInputTokens = try whole(count, name)
            case "audio_output_tokens": usage.audioOutputTokens = try whole(count, name)
            case "image_output_tokens": usage.imageOutputTokens = try whole(count, name)
            default:
                throw JSONError(.unknownField, "There is no field \"\(name)\" here.", pointer: pointer + JSONError.step(name))
            }
        }
        for name in ["input_tokens", "output_tokens"] where value[name] == nil { throw missing(name) }
        return usage
    }

    /// Cached and written parts are inside the input, reasoning inside the output, audio and images inside either.
    func openAI(input: String, output: String) throws(JSONError) -> Usage {
        let inputs = nested([input + "_details", "input_token_details"])
        let outputs = nested([output + "_details", "output_token_details"])
        var usage = Usage(inputTokens: try required(input), outputTokens: try count(output))
        usage.cachedInputTokens = try inputs.count("cached_tokens")
        if inputs.value["cached_tokens"] == nil { usage.cachedInputTokens = try count("prompt_cache_hit_tokens") }
        usage.cacheWriteInputTokens = try inputs.count("cache_write_tokens")
        let cached = inputs.nested(["cached_tokens_details"])
        usage.cachedAudioInputTokens = try cached.count("audio_tokens")
        usage.cachedImageInputTokens = try cached.count("image_tokens")
        usage.audioInputTokens = max(try inputs.count("audio_tokens"), usage.cachedAudioInputTokens)
        usage.imageInputTokens = max(try inputs.count("image_tokens"), usage.cachedImageInputTokens)
        usage.reasoningTokens = try outputs.count("reasoning_tokens")
        usage.audioOutputTokens = try outputs.count("audio_tokens")
        usage.imageOutputTokens = try outputs.count("image_tokens")
        return try charged(usage, total: "total_tokens")
    }

    /// The three kinds of input are disjoint; output includes thinking.
    func anthropic() throws(JSONError) -> Usage {
        let read = try count("cache_read_input_tokens")
        let split = nested(["cache_creation"])
        let hour = try split.count("ephemeral_1h_input_tokens")
        let parts = try sum([try split.count("ephemeral_5m_input_tokens"), hour])
        let stated = try count("cache_creation_input_tokens")
        let written = max(stated, parts)
        var usage = Usage(
            inputTokens: try sum([try required("input_tokens"), read, written]), outputTokens: try count("output_tokens"))
        usage.cachedInputTokens = read
        usage.cacheWriteInputTokens = written
        usage.cacheWriteHourInputTokens = hour
        usage.reasoningTokens = try nested(["output_tokens_details"]).count("thinking_tokens")
        usage.totalMismatch = value["cache_creation"].map { !$0.isNull } ?? false && parts != stated
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
        usage.cachedAudioInputTokens = try listed("AUDIO", ["cacheTokensDetails"])
        usage.cachedImageInputTokens = try listed("IMAGE", ["cacheTokensDetails"])
        let inputs = ["promptTokensDetails", "toolUsePromptTokensDetails"]
        usage.audioInputTokens = max(try listed("AUDIO", inputs), usage.cachedAudioInputTokens)
        usage.imageInputTokens = max(try listed("IMAGE", inputs), usage.cachedImageInputTokens)
        let outputs = [answer == "responseTokenCount" ? "responseTokensDetails" : "candidatesTokensDetails"]
        usage.audioOutputTokens = try listed("AUDIO", outputs)
        usage.imageOutputTokens = try listed("IMAGE", outputs)
        return try charged(usage, total: "totalTokenCount")
    }

    /// Disjoint like Anthropic's; `cacheDetails` splits the writes by how long they live.
    func bedrock() throws(JSONError) -> Usage {
        let read = max(try count("cacheReadInputTokens"), try count("cacheReadInputTokenCount"))
        let stated = max(try count("cacheWriteInputTokens"), try count("cacheWriteInputTokenCount"))
        let details = items("cacheDetails")
        let parts = try sum(try details.map { (item) throws(JSONError) in try item.count("inputTokens") })
        let hours = details.filter { $0.value["ttl"]?.text == "1h" }
        let written = max(stated, parts)
        var usage = Usage(
            inputTokens: try sum([try required("inputTokens"), read, written]), outputTokens: try count("outputTokens"))
        usage.cachedInputTokens = read
        usage.cacheWriteInputTokens = written
        usage.cacheWriteHourInputTokens = try sum(try hours.map { (item) throws(JSONError) in try item.count("inputTokens") })
        if !details.isEmpty, parts != stated { usage.totalMismatch = true }
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

    /// The objects of a list; none where there is no list.
    private func items(_ list: String) -> [UsageFields] {
        guard case .array(let items) = value[list] else { return [] }
        return items.enumerated().compactMap { index, item in
            guard case .object = item else { return nil }
            return UsageFields(item, "\(pointer)\(JSONError.step(list))/\(index)")
        }
    }

    /// The tokens of one modality in Gemini's lists of `{modality, tokenCount}`.
    private func listed(_ modality: String, _ lists: [String]) throws(JSONError) -> Int64 {
        var counts: [Int64] = []
        for item in lists.flatMap(items) where item.value["modality"]?.text == modality {
            counts.append(try item.count("tokenCount"))
        }
        return try sum(counts)
    }

    private func required(_ name: String) throws(JSONError) -> Int64 {
        guard let field = value[name], !field.isNull else { throw missing(name) }
        return try whole(field, name)
    }

    private func count(_ name: String) throws(JSONError) -> Int64 {
        guard let field = value[name], !field.isNull else { return 0 }
        return try whole(field, name)
    }

    private func whole(_ field: JSONValue, _ name: String) throws(JSONError) -> Int64 {
        guard case .number(let text) = field, text.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else {
            let problem = "Must be a whole number of 0 or more, in plain digits."
            throw JSONError(.invalid, problem, pointer: pointer + JSONError.step(name))
        }
        guard let count = Int64(text), count <= Amount.maximum else {
            let problem = "Must be at most \(Amount.maximum)."
            throw JSONError(.amountTooLarge, problem, pointer: pointer + JSONError.step(name))
        }
        return count
    }

    private func missing(_ name: String) -> JSONError {
        JSONError(.missingField, "\"\(name)\" is missing.", pointer: pointer + JSONError.step(name))
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
