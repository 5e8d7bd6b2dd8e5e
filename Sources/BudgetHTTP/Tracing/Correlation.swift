import BudgetModel

/// What lets a caller find a call again in logs and traces. Both fields go back with the answer; one that is not valid is
/// taken for absent, for neither is a reason to fail a call.
package struct Correlation: Sendable {
    /// `X-Request-Id`: 1-128 visible ASCII characters.
    package private(set) var requestID: String?
    /// `traceparent`
    package private(set) var trace: TraceContext?
    private var hasTrace = false

    package init() {}

    /// Of several, the first valid one counts.
    package mutating func take(requestID text: String) {
        guard requestID == nil, (1...128).contains(text.utf8.count), text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            return
        }
        requestID = text
    }

    /// Several are as good as none: which trace is meant cannot be told.
    package mutating func take(traceparent text: String) {
        trace = hasTrace ? nil : TraceContext(text)
        hasTrace = true
    }

    /// An id of this service's making where the caller has sent none: 16 random hexadecimal digits.
    package mutating func ensureRequestID() -> String {
        if let requestID { return requestID }
        let made = hexadecimalDigits(of: .random(in: 0...UInt64.max))
        requestID = made
        return made
    }
}
