import BudgetHTTP
import BudgetModel
import BudgetStore
@testable import ControlServer
import Foundation
import Logging
import NIOCore
import NIOPosix
import TestSupport
import UsageLedger

/// One node of the service as ops see it: its control listener, its stores, and what keeps it on the stored policy.
struct Node: Sendable {
    let port: Int
    let stores: BudgetStores
    let keeper: PolicyKeeper
    /// Only of a setting that asks for one.
    let ledger: NodeLedger?
    /// What the listener serves.
    let endpoints: [Endpoint]
    private static let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)

    /// What a test may want different.
    struct Setting: Sendable {
        /// The policy file the node starts with.
        var policy: String? = Example.policy
        var applies = false
        /// YAML of the keys file.
        var keys: String?
        /// Redis database; two nodes of a test share one.
        var database = RedisServer.shared.database()
        var followInterval: Duration = .milliseconds(20)
        /// Whether it keeps a ledger, in UTC and a file of its own.
        var keepsLedger = false
    }

    /// Starts a node, runs `body`, stops it.
    static func run(_ setting: Setting = Setting(), _ body: (Node) async throws -> Void) async throws {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        var store = BudgetStores.Settings(
            address: StoreAddress(unixSocket: RedisServer.shared.socket, database: setting.database))
        // A busy machine is no failure.
        store.limits.commandDeadline = .seconds(10)
        store.limits.handshakeDeadline = .seconds(10)
        store.limits.sweepInterval = .hours(24)
        let stores = try await BudgetStores.start(store, group: group, logger: logger)
        var limits = ControlLimits()
        limits.followInterval = setting.followInterval
        let keeper = PolicyKeeper(stores: stores, limits: limits, logger: logger)
        let file = setting.policy.map { PolicyFile(path: "policy.yaml", text: $0) }
        let following = Task { await keeper.follow(file: file, applies: setting.applies) }
        await keeper.waitForFirstLook(within: .seconds(20))
        let settings = ControlServer.Settings(host: "127.0.0.1", port: 0)
        let keys = try setting.keys.map { try AccessKeys(yaml: $0, file: "keys.yaml") }
        let folder = FileManager.default.temporaryDirectory.appending(path: "tb-node-\(UUID().uuidString.prefix(8))")
        defer { try? FileManager.default.removeItem(at: folder) }
        let ledger = setting.keepsLedger ? Self.ledger(in: folder, stores, logger) : nil
        let booking = Task { await ledger?.run(at: "http://here") { "UTC" } }
        let desk = ControlDesk(
            stores: stores, keeper: keeper, keys: keys, metrics: ServiceMetrics(version: "1.2.3"), ledger: ledger, logger: logger)
        let server = try await ControlServer.start(settings, desk: desk, logger: logger)
        let result: Result<Void, any Error>
        do {
            let port = server.address?.port ?? 0
            result = .success(
                try await body(
                    Node(port: port, stores: stores, keeper: keeper, ledger: ledger, endpoints: desk.endpoints(settings.limits))))
        } catch {
            result = .failure(error)
        }
        following.cancel()
        booking.cancel()
        await following.value
        await booking.value
        try await server.shutDown()
        try await stores.close()
        try result.get()
    }

    private static func ledger(in folder: URL, _ stores: BudgetStores, _ logger: Logger) -> NodeLedger {
        var settings = NodeLedger.Settings(location: .file(folder.appending(path: "ledger.sqlite").path))
        settings.limits.pause = .milliseconds(5)
        settings.limits.retry = .milliseconds(20)
        return NodeLedger(settings, stores: stores, logger: logger)
    }

    /// Two nodes on one Redis, the second without a policy file.
    static func runTwo(_ setting: Setting = Setting(), _ body: @Sendable (Node, Node) async throws -> Void) async throws {
        try await run(setting) { first in
            var other = setting
            other.policy = nil
            try await run(other) { second in try await body(first, second) }
        }
    }

    // MARK: HTTP

    func get(_ path: String, _ fields: String...) async throws -> Answer { try await send("GET", path, fields, nil) }

    func put(_ path: String, yaml: String, _ fields: String...) async throws -> Answer {
        try await send("PUT", path, ["content-type: application/yaml"] + fields, Array(yaml.utf8))
    }

    func put(_ path: String, _ body: JSON, _ fields: String...) async throws -> Answer {
        try await send("PUT", path, ["content-type: application/json"] + fields, body.bytes)
    }

    func post(_ path: String, _ body: JSON, _ fields: String...) async throws -> Answer {
        try await send("POST", path, ["content-type: application/json"] + fields, body.bytes)
    }

    func delete(_ path: String, _ fields: String...) async throws -> Answer { try await send("DELETE", path, fields, nil) }

    func send(_ method: String, _ path: String, _ fields: [String], _ body: [UInt8]?) async throws -> Answer {
        try await WireClient(port: port).send(method, path, fields, body)
    }

    // MARK: Decisions

    /// Decides over 1,000 input tokens and no output.
    func reserve(_ user: String, input: Int64 = 1_000) async throws -> Decision {
        var request = ReserveRequest(user: Identifier(user), model: "gpt-4o", inputTokens: input)
        request.maximumOutput = 0
        let asked = request
        return try await stores.ask { $0.reserve(asked, $1) }
    }

    /// 1,000 input and 100 output tokens, reserved and committed.
    func spend(
        _ user: Identifier, _ model: Identifier, maximumOutput: Int64, _ change: (inout Attribution) -> Void
    ) async throws {
        var request = ReserveRequest(user: user, model: model, inputTokens: 1_000)
        request.maximumOutput = maximumOutput
        change(&request.attribution)
        let asked = request
        let decision = try await stores.ask { $0.reserve(asked, $1) }
        var commit = CommitRequest(reservation: decision.reservation?.text ?? "")
        commit.usage = Usage(inputTokens: 1_000, outputTokens: 100)
        let settled = commit
        _ = try await stores.ask { $0.commit(settled, environment: nil, $1) }
    }

    /// Returns once so many events have come into the ledger.
    func booked(_ count: Int64) async throws { try await eventually("\(count) bookings") { await ledger?.status.booked == count } }
}
