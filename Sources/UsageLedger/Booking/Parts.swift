import BudgetModel

/// Tokens of the kinds that are part of an event's input or output.
struct Parts: Hashable {
    var cached: Int64 = 0
    var cacheWrite: Int64 = 0
    var reasoning: Int64 = 0

    init() {}

    init(_ usage: Usage) {
        cached = usage.cachedInputTokens
        cacheWrite = usage.cacheWriteInputTokens
        reasoning = usage.reasoningTokens
    }

    static func - (a: Parts, b: Parts) -> Parts {
        var difference = a
        difference.cached -= b.cached
        difference.cacheWrite -= b.cacheWrite
        difference.reasoning -= b.reasoning
        return difference
    }
}
