package import BudgetModel
package import BudgetStore
import BudgetScripts
import Foundation
import Logging
package import NIOCore
import NIOPosix

/// A budget store on a database of its own, with a clock that stands still until told otherwise.
package final class TestStore: Sendable {
    package let stores: BudgetStores
    package let address: StoreAddress
    package var database: Int { address.database }
    private let loop: any EventLoop
    private static let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
    private static let clockKey = "tb:test:clock"

    /// 2030-01-01T12:00:00Z, milliseconds since 1970. Not over yet, for Redis ends keys by its own clock, whatever the scripts see.
    package static let noon: Int64 = 1_893_499_200_000

    /// - Parameters:
    ///   - time: milliseconds since 1970 that the scripts see; nil leaves them Redis' own clock.
    ///   - watchesEpoch: nothing is decided before a ledger has claimed the store.
    package init(
        _ policy: String, at time: Int64? = nil, database: Int? = nil, address: StoreAddress? = nil,
        deadline: TimeAmount = .seconds(10), decisions: Int = 512, decisionSeries: Int = 1_000, watchesEpoch: Bool = false
    ) async throws {
        let shared = RedisServer.shared
        self.address = address ?? StoreAddress(unixSocket: shared.socket, database: database ?? shared.database())
        var settings = BudgetStores.Settings(address: self.address)
        // Patient unless a test says otherwise: a busy machine is no failure.
        settings.limits.commandDeadline = deadline
        settings.limits.decisions = decisions
        settings.limits.decisionSeries = decisionSeries
        settings.watchesEpoch = watchesEpoch
        if time != nil { settings.clock = .key(Self.clockKey) }
        loop = Self.group.next()
        // The sweep is the test's to call.
        settings.limits.sweepInterval = .hours(24)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        stores = try await BudgetStores.start(settings, group: loop, logger: logger)
        let snapshot = PolicySnapshot(try Policy(yaml: policy), at: time ?? 0)
        try await stores.use(snapshot)
        let obstacle = try await watchesEpoch ? nil : stores.obstacle(within: .seconds(5))
        precondition(obstacle == nil, "no Redis: \(obstacle?.description ?? "")")
        if let time { try await set(time: time) }
    }

    package func use(_ policy: String) async throws { try await stores.use(PolicySnapshot(Policy(yaml: policy), at: 0)) }

    package func set(time: Int64) async throws { _ = try await redis("SET", Self.clockKey, String(time)) }

    /// A plain command.
    @discardableResult
    package func redis(_ words: String...) async throws -> Reply { try await redis(words.map { Array($0.utf8) }) }

    @discardableResult
    package func redis(_ words: [[UInt8]]) async throws -> Reply {
        var arguments = Command()
        for word in words { arguments.append(word) }
        let command = arguments
        return try await ask { store, answer in store.connection.send(command) { answer($0.mapError(BudgetError.store)) } }.get()
    }

    package func assign(_ assignment: Assignment, to user: Identifier) async throws {
        try await redis([Array("HSET".utf8), Keys.user(user), Array("a".utf8), AssignmentRecord.encode(assignment)])
    }

    // MARK: Verbs

    package func reserve(_ request: ReserveRequest, holding: Bool = true) async -> Result<Decision, BudgetError> {
        await ask { $0.reserve(request, holding: holding, $1) }
    }

    package func commit(_ request: CommitRequest, environment: EnvironmentTag? = nil) async -> Result<Settlement, BudgetError> {
        await ask { $0.commit(request, environment: environment, $1) }
    }

    package func release(_ reservation: String) async -> Result<Settlement, BudgetError> {
        await ask { $0.release(reservation, environment: nil, $1) }
    }

    package func extend(_ reservation: String, timeToLive: Int64?) async -> Result<Int64, BudgetError> {
        await ask { $0.extend(reservation, timeToLive: timeToLive, environment: nil, $1) }
    }

    package func record(_ request: RecordRequest) async -> Result<Settlement, BudgetError> { await ask { $0.record(request, $1) } }

    package func user(_ user: Identifier) async -> Result<UserState, BudgetError> { await ask { $0.user(user, $1) } }

    package func sweep(_ users: Identifier...) async throws { try await sweep(users) }

    package func sweep(_ users: [Identifier]) async throws {
        for partition in Set(users.map { Keys.partition(of: $0) }) {
            _ = try await ask { $0.sweep(partition: partition, $1) }.get()
        }
    }

    /// Any verb of the store, on its loop.
    package func ask<Value: Sendable>(
        _ body: @escaping @Sendable (BudgetStore, @escaping (Result<Value, BudgetError>) -> Void) -> Void
    ) async -> Result<Value, BudgetError> {
        await withCheckedContinuation { continuation in
            loop.execute { [stores, loop] in
                body(stores.store(on: loop)) { continuation.resume(returning: $0) }
            }
        }
    }
}
