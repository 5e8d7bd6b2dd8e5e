import BudgetHTTP
import BudgetModel
import NIOCore
import NIOHTTP1

/// An answer before it is bytes.
package struct Response {
    package var status: Int
    package var contentType: StaticString = "application/json"
    /// Fields besides content type, length and date.
    package var fields: [(name: StaticString, value: String)] = []
    /// The connection is of no more use: what follows on it could not be told from rest of this request.
    package var closes = false
    private let content: Content

    private enum Content {
        case body([UInt8])
        /// Becomes a body when it is known by which id the call goes. Indirect, so that decisions need no room for it.
        indirect case problem(Problem)
    }

    private init(_ status: Int, _ content: Content) {
        self.status = status
        self.content = content
    }

    /// 200 with a JSON object.
    init(_ write: (inout JSONText) -> Void) {
        self.init(200, .body(JSONText.object(write)))
    }

    init(_ problem: Problem) {
        self.init(problem.status, .problem(problem))
        contentType = "application/problem+json"
        fields = problem.fields
        closes = problem.closes
    }

    /// The body. An error gives the call an id to ask about it by, if it has none.
    func body(of correlation: inout Correlation) -> [UInt8] {
        switch content {
        case .body(let bytes): return bytes
        case .problem(var problem):
            problem.requestID = correlation.ensureRequestID()
            return problem.body
        }
    }

    /// What becomes of the connection after the answer.
    enum Persistence {
        /// As HTTP/1.1 does without a word.
        case keeps
        /// As HTTP/1.0 must be told.
        case saysItKeeps
        case closes
    }

    /// Writes status line, fields and body in one go.
    /// - Parameter omitsBody: for HEAD: everything but the body.
    func write(
        _ body: [UInt8], to buffer: inout ByteBuffer, date: String, connection: Persistence, correlation: Correlation,
        omitsBody: Bool
    ) {
        if status == 200 {
            buffer.writeStaticString("HTTP/1.1 200 OK\r\ncontent-type: ")
        } else {
            buffer.writeStaticString("HTTP/1.1 ")
            buffer.writeString(String(status))
            buffer.writeStaticString(" ")
            buffer.writeString(HTTPResponseStatus(statusCode: status).reasonPhrase)
            buffer.writeStaticString("\r\ncontent-type: ")
        }
        buffer.writeStaticString(contentType)
        buffer.writeStaticString("\r\ncontent-length: ")
        buffer.writeString(String(body.count))
        buffer.writeStaticString("\r\ndate: ")
        buffer.writeString(date)
        for field in fields {
            buffer.writeStaticString("\r\n")
            buffer.writeStaticString(field.name)
            buffer.writeStaticString(": ")
            buffer.writeString(field.value)
        }
        if let id = correlation.requestID {
            buffer.writeStaticString("\r\nx-request-id: ")
            buffer.writeString(id)
        }
        if let trace = correlation.trace {
            buffer.writeStaticString("\r\ntraceparent: ")
            buffer.writeString(trace.description)
        }
        switch connection {
        case .keeps: break
        case .saysItKeeps: buffer.writeStaticString("\r\nconnection: keep-alive")
        case .closes: buffer.writeStaticString("\r\nconnection: close")
        }
        buffer.writeStaticString("\r\n\r\n")
        if !omitsBody { buffer.writeBytes(body) }
    }
}
