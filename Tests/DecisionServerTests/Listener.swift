import BudgetModel
import BudgetHTTP
import BudgetStore
import DecisionServer
import Logging
import NIOCore
import NIOPosix
import TestSupport

/// A decision server of a test's own, on a free loopback port, with a Redis database of its own.
struct Listener: Sendable {
    let port: Int
    /// The server's keys, to be replaced while it runs.
    let keys: AccessKeys?
    let stores: BudgetStores
    private static let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)

    /// What a test may want different.
    struct Setting: Sendable {
        var policy = Example.policy
        var limits = ServerLimits()
        /// YAML of the keys file.
        var keys: String?
        /// nil: the run's redis-server, with a database of its own.
        var store: StoreAddress?
    }

    /// Starts a server, runs `body`, stops it.
    static func run(_ setting: Setting = Setting(), _ body: (Listener) async throws -> Void) async throws {
        let address = setting.store ?? StoreAddress(unixSocket: RedisServer.shared.socket, database: RedisServer.shared.database())
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let stores = try await BudgetStores.start(storeSettings(address), group: group, logger: logger)
        try await stores.use(PolicySnapshot(Policy(yaml: setting.policy), at: 0))
        if setting.store == nil {
            let obstacle = try await stores.obstacle(within: .seconds(20))
            precondition(obstacle == nil, "no Redis: \(obstacle?.description ?? "")")
        }
        var settings = DecisionServer.Settings(host: "127.0.0.1", port: 0)
        settings.limits = setting.limits
        settings.keys = try setting.keys.map { try AccessKeys(yaml: $0, file: "keys.yaml") }
        let server = try await DecisionServer.start(settings, stores: stores, group: group)
        let result: Result<Void, any Error>
        do { result = .success(try await body(Listener(port: server.address?.port ?? 0, keys: settings.keys, stores: stores))) } catch {
            result = .failure(error)
        }
        try await server.shutDown()
        try await stores.close()
        try result.get()
    }

    private static func storeSettings(_ address: StoreAddress) -> BudgetStores.Settings {
        var settings = BudgetStores.Settings(address: address)
        // A hundred servers share this machine: what is right in production would be a matter of luck here.
        settings.limits.commandDeadline = .seconds(10)
        settings.limits.handshakeDeadline = .seconds(10)
        settings.limits.sweepInterval = .hours(24)
        return settings
    }

    /// `body` with a connection of its own.
    func wire<Value: Sendable>(_ body: @escaping @Sendable (Wire) async throws -> Value) async throws -> Value {
        try await Wire.open(port: port, body)
    }

    // MARK: Well-formed requests

    func post(_ path: String, _ body: JSON, _ fields: String...) async throws -> Answer {
        try await send("POST", path, ["content-type: application/json"] + fields, body.bytes)
    }

    func post(_ path: String, bytes: [UInt8]) async throws -> Answer {
        try await send("POST", path, ["content-type: application/json"], bytes)
    }

    func get(_ path: String, _ fields: String...) async throws -> Answer { try await send("GET", path, fields, nil) }

    func send(_ method: String, _ path: String, _ fields: [String], _ body: [UInt8]?) async throws -> Answer {
        try await WireClient(port: port).send(method, path, fields, body)
    }

    static func request(_ method: String, _ path: String, _ fields: [String] = [], _ body: [UInt8]? = nil) -> [UInt8] {
        WireClient.request(method, path, fields, body)
    }

    // MARK: Shortcuts

    /// Reserves and gives the reservation's id.
    func reserve(_ body: JSON, _ fields: String...) async throws -> String {
        let answer = try await send("POST", "/v1/reserve", ["content-type: application/json"] + fields, body.bytes)
        return answer.json["reservation_id"]?.text ?? "no reservation: \(answer)"
    }

    /// The allowance `name` of a user.
    func allowance(_ name: String, of user: String) async throws -> JSON? {
        let answer = try await get("/v1/users/\(user)")
        return answer.json["allowances"]?.items.first { $0["name"] == .string(name) }
    }

    /// How many keys Redis holds.
    func keyCount() async throws -> Int64 {
        let loop = Self.group.next()
        let reply = try await loop.flatSubmit { [stores] in
            let promise = loop.makePromise(of: Reply.self)
            var command = Command()
            command.append("DBSIZE")
            stores.store(on: loop).connection.send(command) { result in promise.completeWith(result.mapError { $0 }) }
            return promise.futureResult
        }.get()
        guard case .integer(let count) = reply else { preconditionFailure("DBSIZE answers \(reply)") }
        return count
    }
}
