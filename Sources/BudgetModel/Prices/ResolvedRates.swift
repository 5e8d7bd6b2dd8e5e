/// Every rate of one request, none left open.
package struct ResolvedRates: Hashable, Sendable {
    package var input: TokenRate
    package var cachedInput: TokenRate
    package var cacheWrite: TokenRate
    package var cacheWriteHour: TokenRate
    package var audioInput: TokenRate
    package var cachedAudioInput: TokenRate
    package var imageInput: TokenRate
    package var cachedImageInput: TokenRate
    package var output: TokenRate
    package var reasoning: TokenRate
    package var audioOutput: TokenRate
    package var imageOutput: TokenRate
    /// 1e-15 USD for the request itself.
    package var perRequest: Int64

    /// What is absent costs what the next more general kind costs. A cache of audio or images is cheaper than they are only where
    /// somebody says so.
    init(_ rates: Rates) {
        input = rates.input ?? 0
        cachedInput = rates.cachedInput ?? input
        cacheWrite = rates.cacheWrite ?? input
        cacheWriteHour = rates.cacheWriteHour ?? cacheWrite
        audioInput = rates.audioInput ?? input
        cachedAudioInput = rates.cachedAudioInput ?? rates.audioInput ?? cachedInput
        imageInput = rates.imageInput ?? input
        cachedImageInput = rates.cachedImageInput ?? rates.imageInput ?? cachedInput
        output = rates.output ?? input
        reasoning = rates.reasoning ?? output
        audioOutput = rates.audioOutput ?? output
        imageOutput = rates.imageOutput ?? output
        perRequest = rates.perRequest ?? 0
    }

    /// The rates per token, by their names in documents.
    package var named: [(name: StaticString, rate: TokenRate)] {
        [
            ("input", input), ("cached_input", cachedInput), ("cache_write", cacheWrite), ("cache_write_1h", cacheWriteHour),
            ("audio_input", audioInput), ("cached_audio_input", cachedAudioInput), ("image_input", imageInput),
            ("cached_image_input", cachedImageInput), ("output", output), ("reasoning", reasoning), ("audio_output", audioOutput),
            ("image_output", imageOutput),
        ]
    }

    /// The cost in microcents, rounded up once; nil above ``Amount/maximum``.
    package func cost(of usage: Usage) -> Int64? {
        microcents(Int128(perRequest) + cost(ofInput: usage) + cost(ofOutput: usage))
    }

    /// What was cached or written is charged as that. Of the rest, audio and images are charged as such, up to what is left:
    /// reports that do not tell which of them came from the cache name some tokens twice, and none may be charged twice.
    private func cost(ofInput usage: Usage) -> Int128 {
        let fresh = usage.inputTokens - usage.cachedInputTokens - usage.cacheWriteInputTokens
        let audio = min(usage.audioInputTokens - usage.cachedAudioInputTokens, fresh)
        let image = min(usage.imageInputTokens - usage.cachedImageInputTokens, fresh - audio)
        let cachedText = usage.cachedInputTokens - usage.cachedAudioInputTokens - usage.cachedImageInputTokens
        let brief = usage.cacheWriteInputTokens - usage.cacheWriteHourInputTokens
        return Int128(fresh - audio - image) * Int128(input) + Int128(audio) * Int128(audioInput)
            + Int128(image) * Int128(imageInput) + Int128(cachedText) * Int128(cachedInput)
            + Int128(usage.cachedAudioInputTokens) * Int128(cachedAudioInput)
            + Int128(usage.cachedImageInputTokens) * Int128(cachedImageInput)
            + Int128(brief) * Int128(cacheWrite) + Int128(usage.cacheWriteHourInputTokens) * Int128(cacheWriteHour)
    }

    private func cost(ofOutput usage: Usage) -> Int128 {
        let text = usage.outputTokens - usage.reasoningTokens - usage.audioOutputTokens - usage.imageOutputTokens
        return Int128(text) * Int128(output) + Int128(usage.reasoningTokens) * Int128(reasoning)
            + Int128(usage.audioOutputTokens) * Int128(audioOutput) + Int128(usage.imageOutputTokens) * Int128(imageOutput)
    }

    /// The cost of an estimate: all input at the plain rate; output may all be reasoning, so at the higher of the two.
    package func line(input tokens: Int64) -> CostLine {
        CostLine(fixed: Int128(perRequest) + Int128(tokens) * Int128(input), perOutput: max(output, reasoning))
    }
}

/// Cost as a function of output tokens: what a script needs to find the longest answer that still fits.
package struct CostLine: Hashable, Sendable {
    /// In two halves: what contains an `Int128` lies at multiples of 16 bytes, and an array of that asks the system for memory the
    /// slow way.
    private let (high, low): (Int64, UInt64)
    package let perOutput: TokenRate

    init(fixed: Int128, perOutput: TokenRate) {
        high = Int64(truncatingIfNeeded: fixed >> 64)
        low = UInt64(truncatingIfNeeded: fixed)
        self.perOutput = perOutput
    }

    /// 1e-15 USD whatever the output.
    package var fixed: Int128 { Int128(high) << 64 | Int128(low) }

    /// Microcents for `output` tokens, rounded up once; nil above ``Amount/maximum``.
    package func cost(output: Int64) -> Int64? { microcents(fixed + Int128(output) * Int128(perOutput)) }
}

private func microcents(_ total: Int128) -> Int64? {
    let unit = Int128(TokenRate.perMicrocent)
    let rounded = (total + unit - 1) / unit
    return rounded > Int128(Amount.maximum) ? nil : Int64(rounded)
}
