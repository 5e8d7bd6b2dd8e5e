import BudgetHTTP
import BudgetStore
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import UsageLedger

/// Finds the endpoint of a request, sees who calls, reads the body, and makes every error a problem.
struct ControlResponder: HTTPResponder {
    typealias Context = BasicRequestContext

    let endpoints: [Endpoint]
    let keys: AccessKeys?
    let limits: ControlLimits
    let meters: ListenerMeters
    let logger: Logger

    @Sendable func respond(to request: Request, context: BasicRequestContext) async throws -> Response {
        await respond(to: request)
    }

    func respond(to request: Request) async -> Response {
        let start = ContinuousClock.now
        var note = CallNote(request)
        var answer: ControlAnswer
        do {
            answer = try await self.answer(request, &note)
            if request.method == .head { try await answer.omitBody() }
        } catch {
            answer = ControlAnswer(problem(error, note))
            if request.method == .head { try? await answer.omitBody() }
        }
        if note.isChange { logger.notice("change", metadata: note.metadata.merging(["status": "\(answer.status.code)"]) { $1 }) }
        answer.correlate(note.requestID, note.correlation.trace)
        // Nobody reads the answer of a call that was hung up on: it is none of the answers that are counted.
        if answer.status.code != Problem.clientClosed.status {
            meters.count(status: answer.status.code, after: ContinuousClock.now - start)
        }
        return answer.response { [logger, metadata = note.metadata] error in
            logger.error("an answer broke off", metadata: metadata.merging(["why": "\(error)"]) { $1 })
        }
    }

    private func problem(_ error: any Error, _ note: CallNote) -> Problem {
        var problem = Problem(500, "internal_error", "Internal error", "The service failed; its log says why.")
        if let known = error as? Problem {
            problem = known
        } else if let error = error as? BudgetError {
            problem = Problem(error, readsOnly: !note.isChange)
        } else if let refused = error as? PricesRefused {
            problem = Problem(refused)
        } else if let unreadable = error as? PolicyKeeper.Unreadable {
            problem = Problem(unreadable)
        } else if let error = error as? LedgerError {
            problem = Problem(error)
        } else {
            logger.error("a request failed", metadata: note.metadata.merging(["why": "\(error)"]) { $1 })
        }
        problem.requestID = note.requestID
        return problem
    }

    private func answer(_ request: Request, _ note: inout CallNote) async throws -> ControlAnswer {
        let target = request.head.path ?? "/"
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let (endpoint, encoded) = try endpoint(request.method, parts[0])
        note.endpoint = endpoint
        let caller = try allow(endpoint, request.head, &note)
        var parameters: [String: String] = [:]
        for (name, text) in encoded {
            guard let value = PercentEncoding.decode(text) else {
                throw Problem(
                    400, "invalid_\(name)", "Malformed request", "The \(name) in the path is not percent-encoded UTF-8.",
                    pointer: "/\(name)")
            }
            parameters[name] = value
        }
        let query = try Query(parts.count > 1 ? parts[1] : "")
        let body = try await body(of: request, atMost: endpoint.body)
        let call = ControlCall(
            head: request.head, parameters: parameters, query: query, body: body, actor: note.actor,
            mayRead: keys == nil || caller?.mayRead == true, note: note.reason)
        try call.checkCharset()
        return try await endpoint.handle(call)
    }

    private func endpoint(_ method: HTTPRequest.Method, _ path: Substring) throws(Problem) -> (Endpoint, [String: Substring]) {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        var allowed: [String] = []
        for endpoint in endpoints {
            guard let parameters = endpoint.match(Array(parts)) else { continue }
            if endpoint.method == method || (method == .head && endpoint.method == .get) { return (endpoint, parameters) }
            allowed += endpoint.method == .get ? ["GET", "HEAD"] : [endpoint.method.rawValue]
        }
        guard !allowed.isEmpty else { throw .notFound(String(path)) }
        throw .notAllowed(allowed.joined(separator: ", "))
    }

    /// Finds out who calls, and as whom histories name it.
    /// - Returns: the caller, if a known key was sent.
    /// - Throws: 401 and 403 when the endpoint is not for them.
    private func allow(_ endpoint: Endpoint, _ head: HTTPRequest, _ note: inout CallNote) throws(Problem) -> AccessKeys.Caller? {
        let caller = try caller(endpoint, head, &note)
        guard let named = head.headerFields[.actor] else { return caller }
        // NIO puts U+FFFD in the place of bytes that are no UTF-8.
        guard (1...128).contains(named.utf8.count),
            !named.unicodeScalars.contains(where: { $0.properties.generalCategory == .control || $0 == "\u{FFFD}" })
        else {
            throw Problem(
                400, "invalid_actor", "Malformed request", "X-Actor must be 1 to 128 bytes of UTF-8 without control characters.",
                pointer: "/x-actor")
        }
        note.namedActor = named
        return caller
    }

    private func caller(_ endpoint: Endpoint, _ head: HTTPRequest, _ note: inout CallNote) throws(Problem) -> AccessKeys.Caller? {
        guard let keys else {
            if endpoint.access == .change { try LoopbackCall.check(head) }
            return nil
        }
        let fields = head.headerFields[values: .authorization]
        // Where everybody may call a key opens details at most: one that is not known closes nothing.
        if endpoint.access == .open { return fields.isEmpty ? nil : try? keys.caller(of: fields) }
        let caller = try keys.caller(of: fields)
        note.key = caller.name
        guard caller.role == .ops || (caller.role == .read && endpoint.access == .read) else {
            throw Problem(
                403, "wrong_role", "Forbidden",
                "This needs \(endpoint.access == .read ? "a read or ops" : "an ops") key; this one has the role \(caller.role.rawValue)."
            )
        }
        return caller
    }

    private func body(of request: Request, atMost limit: Int) async throws -> ByteBuffer {
        // What comes with a GET means nothing (RFC 9110, 9.3.1): it is read past once the answer is out.
        guard limit > 0 else { return ByteBuffer() }
        let tooLarge = Problem(413, "body_too_large", "Body too large", "A body may have at most \(limit) bytes here.")
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > limit { throw tooLarge }
        var request = request
        do {
            return try await request.collectBody(upTo: limit)
        } catch is NIOTooManyBytesError {
            throw tooLarge
        } catch let error as HTTPError where error.status == .contentTooLarge {
            throw tooLarge
        } catch is RequestDeadline.Overdue {
            throw Problem.refusal(408, "request_timeout", "Request timeout", "The request took too long to arrive.")
        } catch let error as HTTPParserError where error != .invalidEOFState && error != .closedConnection {
            throw Problem(error)
        } catch {
            // Whatever else ends a body ends the connection.
            throw Problem.clientClosed
        }
    }
}

extension AccessKeys.Caller {
    fileprivate var mayRead: Bool { role == .ops || role == .read }
}

extension HTTPField.Name {
    static let actor = HTTPField.Name("x-actor")!
}
