import BudgetHTTP
import NIOHTTP1

/// What a request head must satisfy before its body is worth reading.
struct RequestRules {
    let limits: ServerLimits

    /// The refusal of a head; nil when the request may go on.
    func refusal(_ head: HTTPRequestHead, _ fields: RequestFields) -> Problem? {
        if head.uri.utf8.count > limits.target {
            return .refusal(414, "target_too_long", "Target too long", "The request target passes \(limits.target) bytes.")
        }
        if fields.count > limits.headerFields || fields.size > limits.headers {
            return .refusal(
                431, "headers_too_large", "Header fields too large",
                "At most \(limits.headerFields) header fields of \(limits.headers) bytes in all.")
        }
        if head.version.major != 1 {
            return .refusal(400, "malformed_http", "Malformed HTTP", "This port speaks HTTP/1.1.")
        }
        if head.method == .CONNECT {
            return .refusal(501, "no_tunnel", "Not implemented", "This is no proxy: CONNECT makes no tunnel here.")
        }
        return framing(head, fields) ?? expectation(fields) ?? content(head, fields)
    }

    private func framing(_ head: HTTPRequestHead, _ fields: RequestFields) -> Problem? {
        let encodings = fields.transferEncodings
        if encodings.contains(where: { $0.lowercased() != "chunked" }) || encodings.count > 1 {
            return .refusal(501, "unknown_transfer_coding", "Unknown transfer coding", "Only \"chunked\" is known.")
        }
        if fields.hosts > 1 || (head.version.minor >= 1 && fields.hosts == 0) {
            return .hostNeeded
        }
        if !encodings.isEmpty, !fields.contentLengths.isEmpty || head.version.minor == 0 {
            return .refusal(400, "malformed_http", "Malformed HTTP", "Transfer-Encoding does not go with Content-Length or HTTP/1.0.")
        }
        if let length = fields.contentLengths.first, Int(length).map({ $0 > limits.body }) ?? true {
            return .refusal(413, "body_too_large", "Body too large", "A body may have at most \(limits.body) bytes.")
        }
        return nil
    }

    private func expectation(_ fields: RequestFields) -> Problem? {
        guard fields.expectations.contains(where: { $0.lowercased() != "100-continue" }) else { return nil }
        return .refusal(417, "unknown_expectation", "Expectation failed", "Only \"100-continue\" can be expected.")
    }

    private func content(_ head: HTTPRequestHead, _ fields: RequestFields) -> Problem? {
        if let coding = fields.contentEncoding, coding.lowercased() != "identity" {
            return .unsupportedContentCoding(coding)
        }
        // What is not there, or not to be posted to, is answered so, whatever it was sent.
        guard !fields.isJSON, head.method == .POST, (try? Route(head.method, head.uri)) != nil else { return nil }
        return .refusal(
            415, "unsupported_media_type", "Unsupported media type",
            "Send \"content-type: application/json\" (curl: -H 'content-type: application/json').")
    }
}
