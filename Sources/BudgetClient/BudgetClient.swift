import AsyncHTTPClient
package import Foundation
import NIOHTTP1

/// The decision API as typed calls. Nothing is repeated by itself: whether a call may be sent again depends on the verb and
/// on its idempotency key, which only the caller knows.
///
/// Every call throws `BudgetProblem` (the service refused), `BudgetClientError` (no usable answer) or `CancellationError`.
/// A rejection is an answer, not an error.
package struct BudgetClient: Sendable {
    package static let defaultServer = "http://127.0.0.1:8080"

    let server: ServerAddress
    let authorization: String?
    let limits: ClientLimits
    let http: HTTPClient

    /// Call `close()` when done; `with(...)` does.
    /// - Parameter server: `http` or `https` URL, with a path when the service stands behind one.
    /// - Parameter tls: for an `https` server; without files the system's authorities are trusted.
    /// - Parameter key: sent as `Authorization: Bearer KEY`.
    package init(
        server: String = defaultServer, key: String? = nil, tls: TLSFiles = TLSFiles(), limits: ClientLimits = ClientLimits()
    ) throws(BudgetClientError) {
        self.server = try ServerAddress(server)
        if let key, key.isEmpty || !key.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) {
            throw .invalidKey  // never show it
        }
        authorization = key.map { "Bearer \($0)" }
        self.limits = limits
        var configuration = Self.configuration(limits)
        configuration.tlsConfiguration = try tls.configuration()
        http = HTTPClient(configuration: configuration)
    }

    /// A client for the time of `body`.
    package static func with<Result>(
        server: String = defaultServer, key: String? = nil, tls: TLSFiles = TLSFiles(), limits: ClientLimits = ClientLimits(),
        _ body: (BudgetClient) async throws -> Result
    ) async throws -> Result {
        let client = try BudgetClient(server: server, key: key, tls: tls, limits: limits)
        let result: Result
        do {
            result = try await body(client)
        } catch {
            try? await client.close()
            throw error
        }
        try await client.close()
        return result
    }

    package func close() async throws { try await http.shutdown() }

    private static func configuration(_ limits: ClientLimits) -> HTTPClient.Configuration {
        var pool = HTTPClient.Configuration.ConnectionPool()
        pool.idleTimeout = limits.idleTimeout
        pool.concurrentHTTP1ConnectionsPerHostSoftLimit = limits.connections
        // A service that is not there is told at once, not after the connect timeout.
        pool.retryConnectionEstablishment = false
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow,
            timeout: .init(connect: limits.connectTimeout, read: limits.timeout), connectionPool: pool)
        configuration.httpVersion = .http1Only
        return configuration
    }
}

// MARK: Verbs

extension BudgetClient {
    /// A call's answer as typed values, and as the service wrote it.
    package struct Received<Value: Sendable>: Sendable {
        package let value: Value
        /// 200, or 202 for a settlement the service journaled because its store is down.
        package let status: Int
        /// The entity tag of what was answered, with its quotes; nil where there is none.
        package let etag: String?
        /// The text as received, JSON unless something else was asked for.
        package let body: Data
    }

    package func reserve(_ request: ReserveBody) async throws -> DecisionReply {
        try await post(.reserve, request).value
    }

    /// What a reserve would answer; holds nothing.
    package func check(_ request: ReserveBody) async throws -> DecisionReply {
        try await post(.check, request).value
    }

    package func user(_ user: String) async throws -> UserReply {
        try decode(await exchange(Call(target: "/v1/users/" + ServerAddress.segment(user)))).value
    }

    package enum Verb: String, Sendable {
        case reserve, check, commit
    }

    /// For those who want the service's own text beside the values.
    package func post<Reply: Decodable & Sendable>(
        _ verb: Verb, _ request: some Encodable & Sendable, as reply: Reply.Type = Reply.self
    ) async throws -> Received<Reply> {
        try decode(await exchange(Call(method: .POST, target: "/v1/" + verb.rawValue, body: JSONEncoder().encode(request))))
    }
}
