package import BudgetHTTP
package import BudgetMetrics
package import BudgetStore
package import NIOCore
import NIOHTTP1
package import NIOPosix
import NIOSSL
import Synchronization

/// A listener that answers the decision API, every connection on one event loop with that loop's store.
package final class DecisionServer: Sendable {
    /// What a listener needs to know.
    package struct Settings: Sendable {
        package var host: String
        package var port: Int
        package var keys: AccessKeys?
        package var limits = ServerLimits()
        package var tls: ServerTLS?

        package init(host: String, port: Int) {
            self.host = host
            self.port = port
        }
    }

    private let state: ServerState
    private let desks: [(loop: any EventLoop, desk: NIOLoopBound<DecisionDesk>)]
    private let channel: any Channel
    private let limits: ServerLimits

    /// Binds and listens.
    /// - Throws: when the address cannot be bound.
    package static func start(
        _ settings: Settings, stores: BudgetStores, group: MultiThreadedEventLoopGroup
    ) async throws -> DecisionServer {
        let state = ServerState(keys: settings.keys, limits: settings.limits)
        var desks: [(loop: any EventLoop, desk: NIOLoopBound<DecisionDesk>)] = []
        for loop in group.makeIterator() {
            let desk = try await loop.submit {
                NIOLoopBound(DecisionDesk(stores.store(on: loop), state), eventLoop: loop)
            }.get()
            loop.scheduleRepeatedTask(initialDelay: .seconds(1), delay: .seconds(1)) { _ in desk.value.tick() }
            desks.append((loop, desk))
        }
        let byLoop = Dictionary(uniqueKeysWithValues: desks.map { (ObjectIdentifier($0.loop), $0.desk) })
        let tls = try settings.tls.map { try NIOSSLContext(configuration: $0.configuration) }
        let channel = try await bootstrap(group, settings, tls, byLoop).bind(host: settings.host, port: settings.port).get()
        return DecisionServer(state, desks, channel, settings.limits)
    }

    private static func bootstrap(
        _ group: MultiThreadedEventLoopGroup, _ settings: Settings, _ tls: NIOSSLContext?,
        _ desks: [ObjectIdentifier: NIOLoopBound<DecisionDesk>]
    ) -> ServerBootstrap {
        var decoder = NIOHTTPDecoderLimitConfiguration()
        decoder.maxHeaderListSize = settings.limits.head.parsedBytes
        let decoderLimits = decoder
        return ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 1_024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard let desk = desks[ObjectIdentifier(channel.eventLoop)] else { return }
                    let handlers = channel.pipeline.syncOperations
                    if let tls { try handlers.addHandler(NIOSSLServerHandler(context: tls)) }
                    let decoder = HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes, limitConfiguration: decoderLimits)
                    try handlers.addHandler(ByteToMessageHandler(decoder))
                    try handlers.addHandler(HTTPConnection(desk.value))
                }
            }
    }

    private init(
        _ state: ServerState, _ desks: [(loop: any EventLoop, desk: NIOLoopBound<DecisionDesk>)], _ channel: any Channel,
        _ limits: ServerLimits
    ) {
        self.state = state
        self.desks = desks
        self.channel = channel
        self.limits = limits
    }

    /// Where it listens; the port is the real one even if 0 was asked for.
    package var address: SocketAddress? { channel.localAddress }

    /// What all loops have counted since the listener started.
    package func figures() async throws -> ListenerFigures {
        var figures = ListenerFigures()
        for (loop, desk) in desks { figures.add(try await loop.submit { desk.value.figures }.get()) }
        return figures
    }

    /// From now on readiness says no and every answer is its connection's last.
    package func beginDrain() { state.isDraining.store(true, ordering: .relaxed) }

    /// Stops accepting, lets requests in flight finish, closes.
    package func shutDown() async throws {
        beginDrain()
        try? await channel.close().get()
        let deadline = ContinuousClock.now + .nanoseconds(limits.drain.nanoseconds)
        while ContinuousClock.now < deadline {
            var busy = 0
            for (loop, desk) in desks {
                busy += try await loop.submit {
                    desk.value.drain()
                    return desk.value.busyConnections
                }.get()
            }
            if busy == 0 { return }
            try await Task.sleep(for: .milliseconds(10))
        }
    }
}
