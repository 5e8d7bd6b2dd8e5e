package import NIOHTTP1

/// What the head of every request must satisfy, on both listeners, before anything else is looked at.
package struct HeadRules: Sendable {
    /// Longest request target, bytes: a user id of 256 bytes, percent-encoded, with room to spare.
    package var target = 8 << 10
    /// All header fields together, bytes.
    package var headers = 32 << 10
    package var headerFields = 100

    package init() {}

    /// How much of a head the parser takes in: more than is allowed, so that the refusal says what is.
    package var parsedBytes: Int { 4 * headers }

    /// The refusal of a head, after which the connection closes; nil when the request may go on.
    package func refusal(_ head: HTTPRequestHead, _ fields: RequestFields) -> Problem? {
        if head.uri.utf8.count > target {
            return .refusal(414, "target_too_long", "Target too long", "The request target passes \(target) bytes.")
        }
        if fields.count > headerFields || fields.size > headers {
            return .refusal(
                431, "headers_too_large", "Header fields too large", "At most \(headerFields) header fields of \(headers) bytes in all."
            )
        }
        if head.version.major != 1 {
            return .refusal(400, "malformed_http", "Malformed HTTP", "This port speaks HTTP/1.1.")
        }
        if head.method == .CONNECT {
            return .refusal(501, "no_tunnel", "Not implemented", "This is no proxy: CONNECT makes no tunnel here.")
        }
        return framing(head, fields) ?? expectation(fields) ?? coding(fields)
    }

    private func framing(_ head: HTTPRequestHead, _ fields: RequestFields) -> Problem? {
        let encodings = fields.transferEncodings
        if encodings.contains(where: { $0.lowercased() != "chunked" }) || encodings.count > 1 {
            return .refusal(501, "unknown_transfer_coding", "Unknown transfer coding", "Only \"chunked\" is known.")
        }
        if fields.hosts > 1 || (head.version.minor >= 1 && fields.hosts == 0) {
            return .refusal(400, "malformed_http", "Malformed HTTP", "Exactly one Host field is needed.")
        }
        if !encodings.isEmpty, !fields.contentLengths.isEmpty || head.version.minor == 0 {
            return .refusal(400, "malformed_http", "Malformed HTTP", "Transfer-Encoding does not go with Content-Length or HTTP/1.0.")
        }
        return nil
    }

    private func expectation(_ fields: RequestFields) -> Problem? {
        guard fields.expectations.contains(where: { $0.lowercased() != "100-continue" }) else { return nil }
        return .refusal(417, "unknown_expectation", "Expectation failed", "Only \"100-continue\" can be expected.")
    }

    private func coding(_ fields: RequestFields) -> Problem? {
        guard let coding = fields.contentEncoding, coding.lowercased() != "identity" else { return nil }
        return .refusal(
            415, "unsupported_content_coding", "Unsupported content coding", "Send the body as it is, not \"\(coding)\".")
    }
}
