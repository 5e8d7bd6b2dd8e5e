/// What a rejected end user is told: no figures of money, no talk of Redis.
package enum Message {
    /// Placeholders a tier's `message` may hold.
    package static let placeholders = ["resets_at", "retry_after_seconds", "allowance", "tier", "feature"]

    package static let frozen = "This account is paused at the moment. Please contact support."

    /// The tier's own text with its placeholders filled; the default text when there is none or a placeholder has no value.
    package static func text(
        _ template: String?, tier: Identifier, feature: Identifier, allowance: Allowance, resetsAt: Int64?, retryAfter: Int64?
    ) -> String {
        let values: [String: String?] = [
            "resets_at": resetsAt.map { Timestamp.text($0) }, "retry_after_seconds": retryAfter.map { String($0) },
            "allowance": allowance.name.text, "tier": tier.text, "feature": feature.text,
        ]
        return template.flatMap { filled($0, values) } ?? standard(allowance, resetsAt)
    }

    private static func standard(_ allowance: Allowance, _ resetsAt: Int64?) -> String {
        if allowance.unit == .inFlight { return "Too many requests at once. Please try again in a moment." }
        guard let resetsAt else { return "This request goes beyond what your plan includes." }
        return "You've reached your limit for now. It resets at \(Timestamp.text(resetsAt))."
    }

    /// nil when a placeholder has no value.
    private static func filled(_ template: String, _ values: [String: String?]) -> String? {
        var text = ""
        var rest = template[...]
        while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
            guard let value = values[String(rest[rest.index(after: open)..<close])] ?? nil else { return nil }
            text += rest[..<open]
            text += value
            rest = rest[rest.index(after: close)...]
        }
        return text + rest
    }
}
