/// What a request really used, whoever reported it, in our own terms. Parts lie inside their wholes: ``checkParts(_:)``.
package struct Usage: Hashable, Sendable {
    /// All input: what came from a cache, was written to one, or is audio or images included.
    package var inputTokens: Int64
    /// All output: reasoning, audio and images included.
    package var outputTokens: Int64
    package var cachedInputTokens: Int64 = 0
    /// All cache writes, those for an hour included.
    package var cacheWriteInputTokens: Int64 = 0
    /// Of the cache writes, those for an hour.
    package var cacheWriteHourInputTokens: Int64 = 0
    package var audioInputTokens: Int64 = 0
    /// Of the audio, what came from a cache; of what came from a cache, the audio.
    package var cachedAudioInputTokens: Int64 = 0
    package var imageInputTokens: Int64 = 0
    /// Of the images, what came from a cache; of what came from a cache, the images.
    package var cachedImageInputTokens: Int64 = 0
    package var reasoningTokens: Int64 = 0
    package var audioOutputTokens: Int64 = 0
    package var imageOutputTokens: Int64 = 0
    /// The provider's own total differed from the sum of its parts; the larger was taken.
    package var totalMismatch = false

    package init(inputTokens: Int64, outputTokens: Int64) {
        self.inputTokens = inputTokens
        self.outputTokens = outputTokens
    }

    /// Input and output; nil above ``Amount/maximum``.
    package var tokens: Int64? { Amount.sum(inputTokens, outputTokens) }

    /// The parts that few requests have, in an order that never changes.
    package var rareParts: [Int64] {
        get {
            [
                cacheWriteHourInputTokens, audioInputTokens, cachedAudioInputTokens, imageInputTokens, cachedImageInputTokens,
                audioOutputTokens, imageOutputTokens,
            ]
        }
        set {
            guard newValue.count == 7 else { return }
            cacheWriteHourInputTokens = newValue[0]
            audioInputTokens = newValue[1]
            cachedAudioInputTokens = newValue[2]
            imageInputTokens = newValue[3]
            cachedImageInputTokens = newValue[4]
            audioOutputTokens = newValue[5]
            imageOutputTokens = newValue[6]
        }
    }

    /// What callers name them by, in the same order.
    package static let rarePartNames = [
        "cache_write_1h_input_tokens", "audio_input_tokens", "cached_audio_input_tokens", "image_input_tokens",
        "cached_image_input_tokens", "audio_output_tokens", "image_output_tokens",
    ]

    package var hasRareParts: Bool {
        cacheWriteHourInputTokens | audioInputTokens | cachedAudioInputTokens | imageInputTokens | cachedImageInputTokens
            | audioOutputTokens | imageOutputTokens != 0
    }
}

extension Usage {
    /// - Throws: `usage_inconsistent` when a part is larger than its whole, `amount_too_large` when the sum is no amount.
    func checkParts(_ pointer: String) throws(JSONError) {
        guard tokens != nil else { throw JSONError(.amountTooLarge, "The sum passes \(Amount.maximum).", pointer: pointer) }
        guard let cache = Amount.sum(cachedInputTokens, cacheWriteInputTokens), cache <= inputTokens else {
            throw JSONError(.inconsistentUsage, "The cached part is larger than the input.", pointer: pointer)
        }
        guard reasoningTokens <= outputTokens else {
            throw JSONError(.inconsistentUsage, "The reasoning part is larger than the output.", pointer: pointer)
        }
        if hasRareParts { try checkRareParts(pointer) }
    }

    private func checkRareParts(_ pointer: String) throws(JSONError) {
        func check(_ what: String, _ parts: Int64..., in whole: Int64) throws(JSONError) {
            // Each part is an amount, so that a handful of them never overflows.
            guard parts.reduce(0, +) <= whole else { throw JSONError(.inconsistentUsage, "\(what).", pointer: pointer) }
        }
        try check("The writes for an hour are more than all cache writes", cacheWriteHourInputTokens, in: cacheWriteInputTokens)
        try check("Audio and images are larger than the input", audioInputTokens, imageInputTokens, in: inputTokens)
        try check("Cached audio is larger than the audio", cachedAudioInputTokens, in: audioInputTokens)
        try check("Cached images are larger than the images", cachedImageInputTokens, in: imageInputTokens)
        try check(
            "Cached audio and images are larger than the cached part", cachedAudioInputTokens, cachedImageInputTokens,
            in: cachedInputTokens)
        try check(
            "Reasoning, audio and images are larger than the output", reasoningTokens, audioOutputTokens, imageOutputTokens,
            in: outputTokens)
    }
}
