import BudgetHTTP
import BudgetModel
import BudgetStore
import ControlServer
import CoreMetrics
import DecisionServer
import Foundation
import Logging
import NIOCore
import NIOPosix
import UnixSignals
import UsageLedger

/// The composition root: puts the parts together, runs them, takes them down in order.
struct Service {
    private let settings: ServeSettings
    private let logger: Logger
    private let metrics = ServiceMetrics(version: Version.current)
    /// How long the start waits for Redis before it goes on without: readiness tells, and the service recovers by itself.
    private static let storePatience: Duration = .seconds(10)

    init(_ settings: ServeSettings) {
        self.settings = settings
        logger = settings.logFormat.logger("token-budget", settings.logLevel)
    }

    /// Descriptors that are not connections of clients: Redis, files, pipes.
    private static let spareDescriptors = 64

    struct Unbindable: Error, CustomStringConvertible {
        let description: String

        init(_ listener: ServeSettings.Listener, _ why: String) {
            description = "cannot listen on \(listener.host):\(listener.port): \(why)"
        }
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
        try policy?.check()
        let access = try AccessFiles(keys: settings.keys, tls: settings.tls, logger: logger)
        MetricsSystem.bootstrap(metrics.registry)
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint, .sighup)
        var embedded: EmbeddedRedis?
        if settings.redis == nil { embedded = try await EmbeddedRedis.start(in: settings.data, logger: logger) }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: settings.eventLoops)
        do {
            try await serve(policy, access, embedded?.address ?? settings.redis, group, signals)
        } catch {
            await embedded?.stop()
            throw error
        }
        await embedded?.stop()
        try await group.shutdownGracefully()
    }

    private func serve(
        _ policy: PolicyFile?, _ access: AccessFiles, _ address: StoreAddress?, _ group: MultiThreadedEventLoopGroup,
        _ signals: UnixSignalsSequence
    ) async throws {
        guard let address else { return }
        var storeSettings = BudgetStores.Settings(address: address)
        storeSettings.settledRetention = settings.settledRetention
        storeSettings.watchesEpoch = true
        let stores = try await BudgetStores.start(storeSettings, group: group, logger: logger)
        let keeper = PolicyKeeper(stores: stores, logger: logger)
        let ledgerGroup = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let ledgerStores = try await startLedgerStores(storeSettings, ledgerGroup)
        var ledgerSettings = NodeLedger.Settings(location: settings.ledger)
        ledgerSettings.limits.retention = settings.ledgerRetention
        // A private store has no other node, whose ledger might come first.
        if settings.redis == nil { ledgerSettings.limits.claimPatience = .zero }
        let ledger = NodeLedger(ledgerSettings, stores: ledgerStores, decisions: stores, logger: logger)
        let desk = ControlDesk(stores: stores, keeper: keeper, keys: access.keys, metrics: metrics, ledger: ledger, logger: logger)
        let (decisions, control) = try await listen(access, stores, desk, group)
        metrics.watch("decision") { try await decisions.figures() }
        let applies = settings.policyApply
        var upkeep: [Task<Void, any Error>] = [
            Task { await keeper.follow(file: policy, applies: applies) }, Task { try await access.follow() },
            Task { await ledger.run(at: url(of: control.address)) { await keeper.timeZone } },
        ]
        try await waitForPolicy(keeper, stores)
        if policy != nil { metrics.lastReloadSuccessful.record(1) }
        let addresses = announce(decisions.address, control.address)
        let supervisor = Supervisor()
        supervisor?.ready(addresses)
        upkeep.append(Task { try await supervisor?.watch(stores) })
        for await signal in signals {
            guard signal == .sighup else { break }
            supervisor?.reloading()
            await reload(keeper)
            access.reload()
            supervisor?.ready(addresses)
        }
        supervisor?.stopping("finishing requests in flight")
        logger.info("stopping: finishing requests in flight")
        decisions.beginDrain()
        control.beginDrain()
        try await Task.sleep(for: .nanoseconds(ServerLimits().lameDuck.nanoseconds))
        try await decisions.shutDown()
        let impatience = Task {
            try await Task.sleep(for: ControlLimits().reportPatience)
            await ledger.interrupt()
        }
        try await control.shutDown()
        impatience.cancel()
        for task in upkeep {
            task.cancel()
            _ = await task.result
        }
        try await stores.close()
        try await ledgerStores.close()
        try await ledgerGroup.shutdownGracefully()
    }

    /// Where others find this node's control API: a name, if it listens on every address.
    private func url(of control: SocketAddress?) -> String {
        let host = settings.controlListen.host
        let isEverywhere = host == "0.0.0.0" || host == "::"
        let port = control?.port ?? settings.controlListen.port
        return "\(scheme)://\(isEverywhere ? ProcessInfo.processInfo.hostName : host):\(port)"
    }

    private var scheme: String { settings.tls == nil ? "http" : "https" }

    /// A loop and a connection of its own: reading events takes nothing from decisions.
    private func startLedgerStores(_ settings: BudgetStores.Settings, _ group: MultiThreadedEventLoopGroup) async throws -> BudgetStores
    {
        var settings = settings
        settings.doesUpkeep = false
        // A batch of events is a large answer, and nobody's decision waits for it.
        settings.limits.commandDeadline = .seconds(10)
        settings.watchesEpoch = false
        return try await BudgetStores.start(settings, group: group, logger: logger)
    }

    private func listen(
        _ access: AccessFiles, _ stores: BudgetStores, _ desk: ControlDesk, _ group: MultiThreadedEventLoopGroup
    ) async throws -> (DecisionServer, ControlServer) {
        var decisions = DecisionServer.Settings(host: settings.listen.host, port: settings.listen.port)
        decisions.keys = access.keys
        decisions.tls = access.tls
        let spare = Self.spareDescriptors + ControlLimits().connections
        decisions.limits.connections = min(decisions.limits.connections, max(16, Self.raiseDescriptorLimit() - spare))
        var control = ControlServer.Settings(host: settings.controlListen.host, port: settings.controlListen.port)
        control.tls = access.tls
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
            throw Unbindable(listener, String(cString: strerror(error.errnoCode)))
        } catch is SocketAddressError {
            throw Unbindable(listener, "no such host")
        }
    }

    /// The one line on stdout: who waits for it knows that both addresses answer.
    /// - Returns: what it says of them.
    private func announce(_ decisions: SocketAddress?, _ control: SocketAddress?) -> String {
        func text(_ address: SocketAddress?) -> String {
            guard let address, let ip = address.ipAddress, let port = address.port else { return "?" }
            return "\(scheme)://\(ip.contains(":") ? "[\(ip)]" : ip):\(port)"
        }
        let addresses = "decisions on \(text(decisions)), control on \(text(control))"
        FileHandle.standardOutput.write(Data("token-budget ready: \(addresses)\n".utf8))
        return addresses
    }

    /// Ready means able to decide; without Redis or a policy the start goes on all the same, and readiness tells.
    /// - Throws: what is wrong with the policy file, where it was to become the policy.
    private func waitForPolicy(_ keeper: PolicyKeeper, _ stores: BudgetStores) async throws {
        await keeper.waitForFirstLook(within: Self.storePatience)
        if let refusal = await keeper.refusal { throw refusal }
        let status = await keeper.status
        if let problem = status.problem { return logger.warning("starting without a policy", metadata: ["why": "\(problem)"]) }
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
            metrics.lastReloadSuccessful.record(1)
        } catch {
            metrics.lastReloadSuccessful.record(0)
            logger.error("policy not changed: \(error)")
        }
    }
}
