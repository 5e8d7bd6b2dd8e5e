package import NIOHTTP1

/// What is wrong with the head of a request, in the words of both listeners.
extension Problem {
    package static var hostNeeded: Problem { .refusal(400, "malformed_http", "Malformed HTTP", "Exactly one Host field is needed.") }

    package static func unsupportedContentCoding(_ coding: String) -> Problem {
        .refusal(415, "unsupported_content_coding", "Unsupported content coding", "Send the body as it is, not \"\(coding)\".")
    }

    /// What NIO's parser refuses.
    package init(_ error: HTTPParserError) {
        switch error {
        case .headerOverflow:
            self = .refusal(431, "headers_too_large", "Header fields too large", "The head of the request is too large.")
        default: self = .refusal(400, "malformed_http", "Malformed HTTP", "The request breaks HTTP/1.1.")
        }
    }
}
