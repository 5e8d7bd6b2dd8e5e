import BudgetHTTP
import BudgetModel
import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore

/// An answer of the control API before it is a response.
struct ControlAnswer: Sendable {
    var status: HTTPResponse.Status = .ok
    var contentType = "application/json"
    var body: [UInt8]
    var fields = HTTPFields()

    init(contentType: String, _ body: [UInt8]) {
        self.contentType = contentType
        self.body = body
    }

    /// 200 with a JSON object.
    init(_ write: (inout JSONText) -> Void) {
        var json = JSONText()
        json.object(write)
        body = json.bytes
    }

    init(_ problem: Problem) {
        status = HTTPResponse.Status(code: problem.status)
        contentType = "application/problem+json"
        body = problem.body
        if problem.closes { fields[.connection] = "close" }
        for field in problem.fields {
            if let name = HTTPField.Name("\(field.name)") { fields[name] = field.value }
        }
    }

    /// Adds what lets the caller find the call again.
    mutating func correlate(_ requestID: String, _ trace: TraceContext?) {
        fields[.requestID] = requestID
        fields[.traceparent] = trace?.description
    }

    /// - Parameter omitsBody: for HEAD: everything but the body.
    func response(omitsBody: Bool) -> Response {
        var headers = fields
        headers[.contentType] = contentType
        headers[.cacheControl] = "no-store"
        headers[.contentLength] = String(body.count)
        return Response(
            status: status, headers: headers,
            body: omitsBody
                ? ResponseBody(contentLength: nil) { try await $0.finish(nil) } : ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
    }
}
