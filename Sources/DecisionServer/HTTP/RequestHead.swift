import BudgetHTTP
import NIOHTTP1

/// What a request head must satisfy before its body is worth reading: what both listeners ask, and what this one reads.
struct RequestRules {
    let limits: ServerLimits

    /// The refusal of a head; nil when the request may go on.
    func refusal(_ head: HTTPRequestHead, _ fields: RequestFields) -> Problem? {
        limits.head.refusal(head, fields) ?? length(fields) ?? mediaType(head, fields)
    }

    private func length(_ fields: RequestFields) -> Problem? {
        guard let length = fields.contentLengths.first, Int(length).map({ $0 > limits.body }) ?? true else { return nil }
        return .refusal(413, "body_too_large", "Body too large", "A body may have at most \(limits.body) bytes.")
    }

    private func mediaType(_ head: HTTPRequestHead, _ fields: RequestFields) -> Problem? {
        // What is not there, or not to be posted to, is answered so, whatever it was sent.
        guard !fields.isJSON, head.method == .POST, (try? Route(head.method, head.uri)) != nil else { return nil }
        return .refusal(
            415, "unsupported_media_type", "Unsupported media type",
            "Send \"content-type: application/json\" (curl: -H 'content-type: application/json').")
    }
}
