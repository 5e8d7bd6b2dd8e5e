import BudgetHTTP
import BudgetModel
import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore
import Synchronization

/// An answer of the control API before it is a response.
struct ControlAnswer: Sendable {
    /// Gives piece after piece; each is taken before the next is made, as fast as the caller reads.
    typealias Stream = @Sendable (_ give: ([UInt8]) async throws -> Void) async throws -> Void

    enum Body: Sendable {
        case bytes([UInt8])
        /// What is too long to hold. If it throws, the connection closes without the end of the body: nobody takes a part for the whole.
        case stream(Stream)
        /// Nothing but its length, bytes: for HEAD.
        case omitted(length: Int)
    }

    var status: HTTPResponse.Status = .ok
    var contentType = "application/json"
    var body: Body
    var fields = HTTPFields()

    init(contentType: String, _ body: [UInt8]) {
        self.contentType = contentType
        self.body = .bytes(body)
    }

    init(contentType: String, stream: @escaping Stream) {
        self.contentType = contentType
        body = .stream(stream)
    }

    /// 200 with a JSON object.
    init(_ write: (inout JSONText) -> Void) {
        body = .bytes(JSONText.object(write))
    }

    init(_ problem: Problem) {
        status = HTTPResponse.Status(code: problem.status)
        contentType = "application/problem+json"
        body = .bytes(problem.body)
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

    /// Leaves everything but the body, and its length: a stream is made to its end to know it.
    mutating func omitBody() async throws {
        switch body {
        case .bytes(let bytes): body = .omitted(length: bytes.count)
        case .stream(let stream):
            let tally = LengthTally()
            try await stream { tally.add($0.count) }
            body = .omitted(length: tally.total)
        case .omitted: break
        }
    }

    /// - Parameter brokeOff: told why a stream came to no end, unless its reader was gone.
    func response(brokeOff: @escaping @Sendable (any Error) -> Void) -> Response {
        var headers = fields
        headers[.contentType] = contentType
        headers[.cacheControl] = "no-store"
        switch body {
        case .bytes(let bytes):
            headers[.contentLength] = String(bytes.count)
            return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
        case .omitted(let length):
            headers[.contentLength] = String(length)
            return Response(status: status, headers: headers, body: ResponseBody(contentLength: nil) { try await $0.finish(nil) })
        case .stream(let stream):
            return Response(
                status: status, headers: headers,
                body: ResponseBody { writer in
                    do {
                        try await Self.write(stream, to: &writer)
                    } catch let error as ReaderGone {
                        throw error
                    } catch {
                        brokeOff(error)
                        throw error
                    }
                    try await writer.finish(nil)
                })
        }
    }

    private static func write(_ stream: Stream, to writer: inout any ResponseBodyWriter) async throws {
        try await stream { piece in
            do { try await writer.write(ByteBuffer(bytes: piece)) } catch { throw ReaderGone() }
        }
    }
}

/// Whoever asked has closed the connection.
private struct ReaderGone: Error {}

/// Bytes given so far, by one task after the other.
private final class LengthTally: Sendable {
    private let count = Atomic(0)
    var total: Int { count.load(ordering: .relaxed) }
    func add(_ bytes: Int) { count.add(bytes, ordering: .relaxed) }
}
