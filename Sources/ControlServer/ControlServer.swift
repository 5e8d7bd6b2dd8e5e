package import BudgetHTTP
import Hummingbird
import HummingbirdCore
import HummingbirdTLS
package import Logging
package import NIOCore
import NIOPosix
import ServiceLifecycle
import Synchronization

/// The listener for ops: policy, tiers, users, prices, metrics, health.
package final class ControlServer: Sendable {
    /// What the listener needs to know.
    package struct Settings: Sendable {
        package var host: String
        package var port: Int
        package var tls: ServerTLS?
        package var limits = ControlLimits()

        package init(host: String, port: Int) {
            self.host = host
            self.port = port
        }
    }

    private let desk: ControlDesk
    private let services: ServiceGroup
    private let running: Task<Void, any Error>
    /// Where it listens; the port is the real one even if 0 was asked for.
    package let address: SocketAddress?

    /// Binds and listens, on an event loop of its own: HTTP, documents and their parsing happen beside the decisions. What is asked of
    /// Redis goes by a decision loop and its connection, a few commands at a time.
    /// - Throws: when the address cannot be bound.
    package static func start(_ settings: Settings, desk: ControlDesk, logger: Logger) async throws -> ControlServer {
        try await start(settings, desk, serving: desk.endpoints(settings.limits), logger)
    }

    static func start(
        _ settings: Settings, _ desk: ControlDesk, serving endpoints: [Endpoint], _ logger: Logger
    ) async throws -> ControlServer {
        let (bound, continuation) = AsyncStream.makeStream(of: SocketAddress?.self)
        let limits = settings.limits
        let meters = ListenerMeters(desk.metrics.registry)
        let peers = PeerCounts(limit: limits.connectionsPerPeer)
        let http = HTTPServerBuilder.http1(
            configuration: .init(
                additionalChannelHandlers: [PeerLimit(peers), HeadGateInstaller(limits.head, meters), RequestDeadline(limits)],
                idleTimeout: limits.idle,
                httpDecoderConfiguration: .init(maxHeaderListSize: limits.head.parsedBytes)))
        var quiet = logger
        quiet.logLevel = .warning
        let application = Application(
            responder: ControlResponder(
                endpoints: endpoints, keys: desk.keys, limits: settings.limits,
                meters: meters, logger: logger),
            server: try settings.tls.map { try .tls(http, tlsConfiguration: $0.configuration) } ?? http,
            configuration: ApplicationConfiguration(
                address: .hostname(settings.host, port: settings.port),
                availableConnectionsDelegate: CountedConnections(limit: settings.limits.connections, desk.metrics.registry)),
            onServerRunning: { channel in
                continuation.yield(channel.localAddress)
                continuation.finish()
            },
            eventLoopGroupProvider: .shared(MultiThreadedEventLoopGroup(numberOfThreads: 1)), logger: quiet)
        let services = ServiceGroup(configuration: .init(services: [application], logger: quiet))
        let running = Task {
            defer { continuation.finish() }
            try await services.run()
        }
        for await address in bound { return ControlServer(desk, services, running, address) }
        // It ended before it listened: its error says why.
        try await running.value
        return ControlServer(desk, services, running, nil)
    }

    private init(_ desk: ControlDesk, _ services: ServiceGroup, _ running: Task<Void, any Error>, _ address: SocketAddress?) {
        self.desk = desk
        self.services = services
        self.running = running
        self.address = address
    }

    /// From now on readiness says no.
    package func beginDrain() { desk.beginDrain() }

    /// Stops accepting, lets requests in flight finish, closes.
    package func shutDown() async throws {
        beginDrain()
        await services.triggerGracefulShutdown()
        try await running.value
    }
}
