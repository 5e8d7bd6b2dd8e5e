/// What a request really used, whoever reported it, in our own terms.
package struct Usage: Hashable, Sendable {
    /// All input, `cachedInputTokens` and `cacheWriteInputTokens` included.
    package var inputTokens: Int64
    /// All output, `reasoningTokens` included.
    package var outputTokens: Int64
    package var cachedInputTokens: Int64 = 0
    package var cacheWriteInputTokens: Int64 = 0
    package var reasoningTokens: Int64 = 0
    /// The provider's own total differed from the sum of its parts; the larger was taken.
    package var totalMismatch = false

    package init(inputTokens: Int64, outputTokens: Int64) {
        self.inputTokens = inputTokens
        self.outputTokens = outputTokens
    }

    /// Input and output; nil above ``Amount/maximum``.
    package var tokens: Int64? { Amount.sum(inputTokens, outputTokens) }
}
