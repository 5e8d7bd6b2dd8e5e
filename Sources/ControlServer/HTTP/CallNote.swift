import BudgetHTTP
import HTTPTypes
import HummingbirdCore
import Logging

/// What the log says of a call: who did what and why, found again by which id. A path stands there as its endpoint's template, so that
/// no user's id gets into logs.
struct CallNote {
    private let method: HTTPRequest.Method
    /// nil while it is not known what was called.
    var endpoint: Endpoint?
    /// The label of the key that was sent, once it is known.
    var key: String?
    /// Who the caller says acts: `X-Actor`.
    var namedActor: String?
    /// Why, once the endpoint has read it.
    let reason = ReasonNote()
    private(set) var correlation = Correlation()
    let requestID: String

    init(_ request: Request) {
        method = request.method
        for value in request.headers[values: .requestID] { correlation.take(requestID: value) }
        for value in request.headers[values: .traceparent] { correlation.take(traceparent: value) }
        requestID = correlation.ensureRequestID()
    }

    /// Who acts, as histories name it.
    var actor: String { namedActor ?? key ?? "anonymous" }

    /// Whether the call changes something, if it is allowed to.
    var isChange: Bool { endpoint?.access == .change }

    var metadata: Logger.Metadata {
        var metadata: Logger.Metadata = [
            "method": "\(method.rawValue)", "path": "\(endpoint?.path ?? "unknown")", "actor": "\(actor)", "request_id": "\(requestID)",
        ]
        if let key { metadata["key"] = "\(key)" }
        let reason = reason.reason
        if !reason.isEmpty { metadata["reason"] = "\(reason)" }
        if let trace = correlation.trace { metadata["trace_id"] = "\(trace.id)" }
        return metadata
    }
}

extension HTTPField.Name {
    static let requestID = HTTPField.Name("x-request-id")!
    static let traceparent = HTTPField.Name("traceparent")!
}
