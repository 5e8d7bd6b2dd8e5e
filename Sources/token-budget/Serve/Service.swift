import BudgetHTTP
import BudgetModel
import BudgetStore
import ControlServer
import DecisionServer
import Foundation
import Logging
import NIOCore
import NIOPosix
import UnixSignals

/// The composition root: puts the parts together, runs them, takes them down in order.
struct Service {
    private let settings: ServeSettings
    private let logger: Logger
    /// How long the start waits for Redis before it goes on without: readiness tells, and the service recovers by itself.
    private static let storePatience: Duration = .seconds(10)

    init(_ settings: ServeSettings) {
        self.settings = settings
        logger = Logger(label: "token-budget") { StreamLogHandler.standardError(label: $0) }
    }

    /// Descriptors that are not connections of clients: Redis, files, pipes.
    private static let spareDescriptors = 64

    struct Unbindable: Error, CustomStringConvertible {
        let description: String
    }

    /// As many descriptors as the system lets this process have; connections are then kept below that.
    private static func raiseDescriptorLimit() -> Int {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        return Int(clamping: limit.rlim_cur)
    }

    func run() async throws {
        // Whatever can be wrong with files is found before anything is started.
        let policy = try settings.policy.map { try PolicyFile(reading: $0) }
        let keys = try settings.keys.map { try AccessKeys(yaml: String(contentsOfFile: $0, encoding: .utf8), file: $0) }
        if settings.namesLedger { logger.warning("--ledger-url has no effect: this version keeps no ledger") }
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint, .sighup)
        var embedded: EmbeddedRedis?
        if settings.redis == nil { embedded = try await EmbeddedRedis.start(in: settings.data, logger: logger) }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: settings.eventLoops)
        do {
            try await serve(policy, keys, embedded?.address ?? settings.redis, group, signals)
        } catch {
            await embedded?.stop()
            throw error
        }
        await embedded?.stop()
        try await group.shutdownGracefully()
    }

    private func serve(
        _ policy: PolicyFile?, _ keys: AccessKeys?, _ address: StoreAddress?, _ group: MultiThreadedEventLoopGroup,
        _ signals: UnixSignalsSequence
    ) async throws {
        guard let address else { return }
        var storeSettings = BudgetStores.Settings(address: address)
        storeSettings.settledRetention = settings.settledRetention
        let stores = try await BudgetStores.start(storeSettings, group: group, logger: logger)
        let keeper = PolicyKeeper(stores: stores, logger: logger)
        let following = Task { await keeper.follow(file: policy, applies: settings.policyApply) }
        defer { following.cancel() }
        let desk = ControlDesk(stores: stores, keeper: keeper, logger: logger)
        let (decisions, control) = try await listen(keys, stores, desk, group)
        await waitForPolicy(keeper, stores)
        announce(decisions.address, control.address)
        for await signal in signals {
            guard signal == .sighup else { break }
            await reload(keeper)
        }
        logger.info("stopping: finishing requests in flight")
        decisions.beginDrain()
        control.beginDrain()
        try await Task.sleep(for: .nanoseconds(ServerLimits().lameDuck.nanoseconds))
        try await decisions.shutDown()
        try await control.shutDown()
        try await stores.close()
    }

    private func listen(
        _ keys: AccessKeys?, _ stores: BudgetStores, _ desk: ControlDesk, _ group: MultiThreadedEventLoopGroup
    ) async throws -> (DecisionServer, ControlServer) {
        let tls = try settings.tls.map { try ServerTLS(certificate: $0.certificate, key: $0.key) }
        var decisions = DecisionServer.Settings(host: settings.listen.host, port: settings.listen.port)
        decisions.keys = keys
        decisions.tls = tls
        let spare = Self.spareDescriptors + ControlLimits().connections
        decisions.limits.connections = min(decisions.limits.connections, max(16, Self.raiseDescriptorLimit() - spare))
        var control = ControlServer.Settings(host: settings.controlListen.host, port: settings.controlListen.port)
        control.keys = keys
        control.tls = tls
        return (
            try await bind(settings.listen) { try await DecisionServer.start(decisions, stores: stores, group: group) },
            try await bind(settings.controlListen) { try await ControlServer.start(control, desk: desk, logger: logger) }
        )
    }

    /// An address that cannot be had is the user's to mend: the error says which and why.
    private func bind<Server>(_ listener: ServeSettings.Listener, _ start: () async throws -> Server) async throws -> Server {
        do {
            return try await start()
        } catch let error as IOError {
            throw Unbindable(
                description: "cannot listen on \(listener.host):\(listener.port): \(String(cString: strerror(error.errnoCode)))")
        }
    }

    /// The one line on stdout: who waits for it knows that both addresses answer.
    private func announce(_ decisions: SocketAddress?, _ control: SocketAddress?) {
        let scheme = settings.tls == nil ? "http" : "https"
        func text(_ address: SocketAddress?) -> String {
            guard let address, let ip = address.ipAddress, let port = address.port else { return "?" }
            return "\(scheme)://\(ip.contains(":") ? "[\(ip)]" : ip):\(port)"
        }
        FileHandle.standardOutput.write(
            Data("token-budget ready: decisions on \(text(decisions)), control on \(text(control))\n".utf8))
    }

    /// Ready means able to decide; without Redis or a policy the start goes on all the same, and readiness tells.
    private func waitForPolicy(_ keeper: PolicyKeeper, _ stores: BudgetStores) async {
        await keeper.waitForFirstLook(within: Self.storePatience)
        let status = await keeper.status
        if let problem = status.problem { return logger.warning("starting without Redis", metadata: ["why": "\(problem)"]) }
        guard status.version != nil else {
            return logger.warning("no policy: every decision is refused until one is given with --policy or PUT /v1/policy")
        }
        if let obstacle = try? await stores.obstacle(within: Self.storePatience) {
            logger.warning("starting without Redis", metadata: ["why": "\(obstacle)"])
        }
    }

    /// Reads the policy file again and stores it as a new version; a bad one changes nothing.
    private func reload(_ keeper: PolicyKeeper) async {
        guard let path = settings.policy else { return logger.warning("SIGHUP: there is no policy file to read again") }
        do {
            try await keeper.apply(PolicyFile(reading: path))
        } catch {
            logger.error("policy not changed: \(error)")
        }
    }
}
