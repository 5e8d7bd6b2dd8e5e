package import Foundation
import NIOCore
import NIOHTTP1

/// The control API as typed calls, for ops. Like the decision API's client it repeats nothing by itself.
///
/// Every call throws `BudgetProblem` (the service refused), `BudgetClientError` (no usable answer) or `CancellationError`.
package struct ControlClient: Sendable {
    package static let defaultServer = "http://127.0.0.1:8081"

    private let connection: BudgetClient
    private let actor: String?

    /// - Parameter connection: to the address of the control API.
    /// - Parameter actor: who acts, as histories name it, 1-128 bytes; nil leaves it to the key.
    package init(over connection: BudgetClient, actor: String? = nil) {
        self.connection = connection
        self.actor = actor
    }

    /// Bounds fit for people who wait and for whole documents.
    package static var limits: ClientLimits {
        var limits = ClientLimits()
        // A catalogue of some megabytes over a slow line.
        limits.timeout = .seconds(60)
        // Prices of thousands of models, or a policy of 1 MiB beside its JSON, escapes included.
        limits.answer = 16 << 20
        return limits
    }

    package func send<Reply: Decodable & Sendable>(
        _ request: ControlRequest<Reply>
    ) async throws -> BudgetClient.Received<Reply> {
        try connection.decode(await exchange(request), of: .control)
    }

    /// For answers that are a document of ops, in the form asked for.
    package func send(_ request: ControlRequest<DocumentReply>) async throws -> BudgetClient.Received<DocumentReply> {
        let answer = try await exchange(request)
        return BudgetClient.Received(
            value: DocumentReply(text: String(decoding: answer.body, as: UTF8.self)), status: answer.status, etag: answer.etag,
            body: answer.body)
    }

    /// Hands over an answer as it comes, however long it is: a part of it, if this throws.
    package func stream<Reply>(_ request: ControlRequest<Reply>, to take: (Data) throws -> Void) async throws {
        try await connection.stream(call(request), to: take)
    }

    private func exchange<Reply>(_ request: ControlRequest<Reply>) async throws -> BudgetClient.RawAnswer {
        try await connection.exchange(call(request))
    }

    private func call<Reply>(_ request: ControlRequest<Reply>) -> BudgetClient.Call {
        var call = BudgetClient.Call(method: HTTPMethod(rawValue: request.method.rawValue), target: request.target)
        call.accept = request.accept.rawValue
        call.contentType = request.contentType.rawValue
        call.body = request.body
        call.listener = .control
        if let actor { call.fields.append(("x-actor", actor)) }
        if let etag = request.ifMatch { call.fields.append(("if-match", etag)) }
        return call
    }
}

/// A document as ops wrote it, or as JSON.
package struct DocumentReply: Hashable, Sendable {
    package var text: String
}
