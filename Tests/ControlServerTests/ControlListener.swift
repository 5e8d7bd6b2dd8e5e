import BudgetHTTP
import BudgetStore
@testable import ControlServer
import Logging
import NIOCore
import TestSupport

/// A control server of a test's own on a free loopback port, beside a store with a Redis database of its own.
struct ControlListener: Sendable {
    let store: TestStore
    let client: WireClient

    /// What a test may want different.
    struct Setting: Sendable {
        var policy = Shop.policy
        /// Milliseconds since 1970; nil: Redis' own clock.
        var time: Int64?
        /// YAML of the keys file.
        var keys: String?
        var limits = ControlLimits()
        /// Served besides those of the service.
        var endpoints: [Endpoint] = []
    }

    /// Starts a server, runs `body`, stops it.
    static func run(_ setting: Setting = Setting(), _ body: (ControlListener) async throws -> Void) async throws {
        let store = try await TestStore(setting.policy, at: setting.time)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        var settings = ControlServer.Settings(host: "127.0.0.1", port: 0)
        settings.limits = setting.limits
        let keys = try setting.keys.map { try AccessKeys(yaml: $0, file: "keys.yaml") }
        let desk = ControlDesk(
            stores: store.stores, keeper: PolicyKeeper(stores: store.stores, logger: logger), keys: keys,
            metrics: ServiceMetrics(version: "test"),
            logger: logger)
        let server = try await ControlServer.start(
            settings, desk, serving: desk.endpoints(settings.limits) + setting.endpoints, logger)
        let listener = ControlListener(store: store, client: WireClient(port: server.address?.port ?? 0))
        let result: Result<Void, any Error>
        do { result = .success(try await body(listener)) } catch { result = .failure(error) }
        try await server.shutDown()
        try result.get()
    }

    func get(_ path: String) async throws -> Answer { try await client.get(path) }
    func put(_ path: String, _ body: JSON) async throws -> Answer { try await client.send("PUT", path, body) }
    func put(_ path: String, text: String, type: String = "application/json") async throws -> Answer {
        try await client.send("PUT", path, ["content-type: \(type)"], Array(text.utf8))
    }
    func post(_ path: String, _ body: JSON? = nil) async throws -> Answer { try await client.send("POST", path, body) }
    func delete(_ path: String) async throws -> Answer { try await client.send("DELETE", path) }
}
