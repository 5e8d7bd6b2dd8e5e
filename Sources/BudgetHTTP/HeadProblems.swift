package import NIOHTTP1

/// What NIO's parser refuses of a request, in the words of both listeners.
extension Problem {
    package init(_ error: HTTPParserError) {
        switch error {
        case .headerOverflow:
            self = .refusal(431, "headers_too_large", "Header fields too large", "The head of the request is too large.")
        default: self = .refusal(400, "malformed_http", "Malformed HTTP", "The request breaks HTTP/1.1.")
        }
    }
}
