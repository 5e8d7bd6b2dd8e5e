import BudgetHTTP
import HTTPTypes

/// One method of one path of the control API: who may call it and what answers.
struct Endpoint: Sendable {
    enum Access: Sendable {
        /// Without a key: health.
        case open
        /// `read` or `ops`.
        case read
        /// `ops` only.
        case change
    }
    enum Segment: Hashable, Sendable {
        case name(String)
        case parameter(String)
    }
    typealias Handler = @Sendable (ControlCall) async throws -> ControlAnswer

    let method: HTTPRequest.Method
    /// As OpenAPI writes it: `/v1/tiers/{tier}`.
    let path: String
    let segments: [Segment]
    let access: Access
    /// Largest body, bytes; 0 when none is read.
    let body: Int
    let handle: Handler

    init(_ method: HTTPRequest.Method, _ path: String, _ access: Access, body: Int, _ handle: @escaping Handler) {
        self.method = method
        self.path = path
        self.access = access
        self.body = body
        self.handle = handle
        segments = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map {
            $0.hasPrefix("{") ? .parameter(String($0.dropFirst().dropLast())) : .name(String($0))
        }
    }

    /// What the path's parameters are in `parts`, still percent-encoded; nil when it is another path.
    func match(_ parts: [Substring]) -> [String: Substring]? {
        guard parts.count == segments.count else { return nil }
        var parameters: [String: Substring] = [:]
        for (segment, part) in zip(segments, parts) {
            switch segment {
            case .name(let name): guard name == part else { return nil }
            case .parameter(let name):
                guard !part.isEmpty else { return nil }
                parameters[name] = part
            }
        }
        return parameters
    }
}
