import BudgetHTTP
import BudgetModel
import NIOCore
import NIOHTTP1

/// An answer before it is bytes.
package struct Response {
    package var status: Int
    package var contentType: StaticString = "application/json"
    package var body: [UInt8]
    /// Fields besides content type, length and date.
    package var fields: [(name: StaticString, value: String)] = []
    /// The connection is of no more use: what follows on it could not be told from rest of this request.
    package var closes = false

    package init(_ status: Int, _ body: [UInt8]) {
        self.status = status
        self.body = body
    }

    /// 200 with a JSON object.
    init(_ write: (inout JSONText) -> Void) {
        var json = JSONText()
        json.object(write)
        self.init(200, json.bytes)
    }

    init(_ problem: Problem) {
        self.init(problem.status, problem.body)
        contentType = "application/problem+json"
        fields = problem.fields
        closes = problem.closes
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
    func write(to buffer: inout ByteBuffer, date: String, connection: Persistence, omitsBody: Bool) {
        if status == 200 {
            buffer.writeStaticString("HTTP/1.1 200 OK\r\ncontent-type: ")
        } else {
            buffer.writeString("HTTP/1.1 \(status) \(HTTPResponseStatus(statusCode: status).reasonPhrase)\r\ncontent-type: ")
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
        switch connection {
        case .keeps: break
        case .saysItKeeps: buffer.writeStaticString("\r\nconnection: keep-alive")
        case .closes: buffer.writeStaticString("\r\nconnection: close")
        }
        buffer.writeStaticString("\r\n\r\n")
        if !omitsBody { buffer.writeBytes(body) }
    }
}
