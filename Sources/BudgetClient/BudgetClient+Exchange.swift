import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix

/// One HTTP exchange, and what its failures mean.
extension BudgetClient {
    struct RawAnswer {
        var status: Int
        /// The entity tag with its quotes, where there is one.
        var etag: String?
        var body: Data
    }

    /// One request before it is sent.
    struct Call {
        var method = HTTPMethod.GET
        /// Percent-encoded, with the query.
        var target: String
        var accept = "application/json"
        /// Further header fields.
        var fields: [(name: String, value: String)] = []
        var contentType = "application/json"
        var body: Data?
        /// Whose call it is.
        var listener = Listener.decision
    }

    /// Sends a call and returns a successful answer; anything else is thrown.
    func exchange(_ call: Call) async throws -> RawAnswer {
        let response: HTTPClientResponse
        let answer: RawAnswer
        do {
            response = try await http.execute(request(call), timeout: limits.timeout)
            answer = try await collect(response)
        } catch {
            throw meaning(of: error)
        }
        guard (200...299).contains(answer.status) else { throw Self.problem(response, answer, of: call.listener) }
        return answer
    }

    /// Sends a call and hands over a successful answer as it comes, however long it is; anything else is thrown, as is what `take`
    /// throws.
    func stream(_ call: Call, to take: (Data) throws -> Void) async throws {
        let response: HTTPClientResponse
        do { response = try await http.execute(request(call), timeout: limits.timeout) } catch { throw meaning(of: error) }
        guard (200...299).contains(response.status.code) else {
            let answer: RawAnswer
            do { answer = try await collect(response) } catch { throw meaning(of: error) }
            throw Self.problem(response, answer, of: call.listener)
        }
        var pieces = response.body.makeAsyncIterator()
        while true {
            let piece: ByteBuffer?
            do { piece = try await pieces.next() } catch { throw meaning(of: error) }
            guard let piece else { return }
            try take(Data(piece.readableBytesView))
        }
    }

    private func request(_ call: Call) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: server.base + call.target)
        request.method = call.method
        request.headers.add(name: "accept", value: call.accept)
        request.headers.add(name: "user-agent", value: "token-budget-client")
        if let authorization { request.headers.add(name: "authorization", value: authorization) }
        for field in call.fields { request.headers.add(name: field.name, value: field.value) }
        if let body = call.body {
            request.headers.add(name: "content-type", value: call.contentType)
            request.body = .bytes(body)
        }
        return request
    }

    private func collect(_ response: HTTPClientResponse) async throws -> RawAnswer {
        let bytes = try await response.body.collect(upTo: limits.answer)
        return RawAnswer(
            status: Int(response.status.code), etag: response.headers.first(name: "etag"), body: Data(bytes.readableBytesView))
    }

    private static func problem(_ response: HTTPClientResponse, _ answer: RawAnswer, of listener: Listener) -> BudgetProblem {
        var problem = BudgetProblem(
            status: answer.status, body: answer.body, retryAfter: response.headers.first(name: "retry-after"))
        problem.hint = listener.hint(problem)
        return problem
    }

    func decode<Reply: Decodable>(_ answer: RawAnswer, of listener: Listener = .decision) throws -> Received<Reply> {
        do {
            let reply = try JSONDecoder().decode(Reply.self, from: answer.body)
            return Received(value: reply, status: answer.status, etag: answer.etag, body: answer.body)
        } catch {
            throw BudgetClientError.unreadableAnswer(status: answer.status, "\(Self.reason(error)). \(listener.doubted)")
        }
    }

    private func meaning(of error: any Error) -> any Error {
        if let why = handshakeFailure((error as? NIOConnectionError)?.connectionErrors.first?.error ?? error) {
            return BudgetClientError.handshakeFailed(server.base, why)
        }
        return switch error {
        case is CancellationError: error
        case let error as HTTPClientError: meaning(of: error)
        case is NIOTooManyBytesError: BudgetClientError.brokenOff("the answer is longer than \(limits.answer) bytes")
        case let error as NIOConnectionError:
            BudgetClientError.unreachable(server.base, error.connectionErrors.first.map { Self.line($0.error) } ?? "unknown host")
        case let error as IOError where Self.refusesConnections(error):
            BudgetClientError.unreachable(server.base, Self.line(error))
        default: BudgetClientError.brokenOff(Self.line(error))
        }
    }

    private func meaning(of error: HTTPClientError) -> any Error {
        switch error {
        case .cancelled: CancellationError()
        case .connectTimeout:
            BudgetClientError.unreachable(server.base, "no connection within \(limits.connectTimeout.seconds) s")
        case .getConnectionFromPoolTimeout:
            BudgetClientError.unreachable(server.base, "all \(limits.connections) connections stayed busy")
        case .deadlineExceeded, .readTimeout, .writeTimeout: BudgetClientError.timedOut(seconds: limits.timeout.seconds)
        case .remoteConnectionClosed: BudgetClientError.brokenOff("the connection was closed before an answer")
        default: BudgetClientError.brokenOff(Self.line(error))
        }
    }

    /// Errors of `connect` itself: nothing has been sent.
    private static func refusesConnections(_ error: IOError) -> Bool {
        [ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, EADDRNOTAVAIL].contains(error.errnoCode)
    }

    /// One line for people.
    private static func line(_ error: any Error) -> String {
        if let error = error as? IOError { return String(cString: strerror(error.errnoCode)) }
        return String(describing: error)
    }

    private static func reason(_ error: any Error) -> String {
        func path(_ context: DecodingError.Context) -> String {
            context.codingPath.map { "/" + ($0.intValue.map(String.init) ?? $0.stringValue) }.joined()
        }
        return switch error {
        case DecodingError.keyNotFound(let key, let context): "\(path(context))/\(key.stringValue) is missing"
        case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
            "\(path(context)) is of another type than expected"
        default: "it is not the JSON expected"
        }
    }
}

extension TimeAmount {
    /// Whole seconds.
    fileprivate var seconds: Int64 { nanoseconds / 1_000_000_000 }
}
