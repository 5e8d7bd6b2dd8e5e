import NIOCore
import NIOPosix

/// The connections of a run, all on one event loop. A call takes the connection that was used last, as most clients do, or waits in
/// line.
final class ConnectionPool {
    private let loop: any EventLoop
    private let target: Target
    private var writer: RequestWriter
    private let count: Int
    private var connections: [Int: Connection] = [:]
    /// Those used last at the end.
    private var free = CircularBuffer<Connection>()
    private var line = CircularBuffer<Call>()
    private var isClosing = false
    /// Calls that are neither answered nor given up.
    private(set) var underWay = 0

    var waiting: Int { line.count }

    /// Told of every call's end, at the time given.
    var onEnd: (Call, Outcome, Int64) -> Void = { _, _, _ in }
    /// Told when a batch of answers has been read.
    var onBatch: () -> Void = {}

    init(_ settings: LoadSettings, on loop: any EventLoop) {
        self.loop = loop
        target = settings.target
        count = settings.connections
        writer = RequestWriter(settings)
    }

    /// Done when all connections are open; fails when one of them cannot be opened.
    func open() -> EventLoopFuture<Void> {
        loop.assertInEventLoop()
        return EventLoopFuture.andAllSucceed((0..<count).map(connect), on: loop)
    }

    /// Sends the call or lets it wait for a connection.
    func submit(_ call: Call) {
        guard line.count < LoadLimits.waiting, !isClosing else { return onEnd(call, .dropped, Self.now) }
        underWay += 1
        line.append(call)
        sendWaiting()
    }

    /// Ends calls that take too long.
    func giveUpOld(at now: Int64) {
        for connection in connections.values where now - (connection.call?.sent ?? now) > LoadLimits.callTime {
            connection.giveUp(.timedOut)
        }
    }

    /// Opens connections anew that nobody has used for long, a third of all at most, and closes none before that: when the service
    /// closes one for being idle, a call may be on its way to it.
    func renewIdle(at now: Int64) {
        for _ in 0..<(count + 2) / 3 {
            guard !isClosing, let oldest = free.first, now - oldest.lastUse > LoadLimits.idle else { return }
            free.removeFirst()
            connect(oldest.number).assumeIsolated().whenComplete { _ in oldest.close() }
        }
    }

    /// Closes all connections. Calls that still wait are dropped, those under way are broken.
    func close() {
        isClosing = true
        while let call = line.popFirst() {
            underWay -= 1
            onEnd(call, .dropped, Self.now)
        }
        for connection in connections.values { connection.close() }
    }

    static var now: Int64 { Int64(NIODeadline.now().uptimeNanoseconds) }

    private func connect(_ number: Int) -> EventLoopFuture<Void> {
        let bound = NIOLoopBound(self, eventLoop: loop)
        return ClientBootstrap(group: loop)
            // A short answer is read at once; asking a second time would only find nothing.
            .channelOption(.maxMessagesPerRead, value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Connection(bound.value, number: number))
                }
            }
            .connect(host: target.host, port: target.port).map { _ in }
    }

    private func sendWaiting() {
        while !free.isEmpty, let call = line.popFirst() {
            free.removeLast().send(call, &writer, at: Self.now)
        }
    }

    // MARK: What connections say

    func opened(_ connection: Connection) {
        connections[connection.number] = connection
        idle(connection)
        sendWaiting()
    }

    func idle(_ connection: Connection) { free.append(connection) }

    func ended(_ call: Call, _ outcome: Outcome) {
        underWay -= 1
        onEnd(call, outcome, Self.now)
    }

    /// A batch of answers was read: their connections take what waits.
    func settled() {
        sendWaiting()
        onBatch()
    }

    func lost(_ connection: Connection) {
        free.removeAll { $0 === connection }
        // Another may have taken its place.
        guard connections[connection.number] === connection else { return }
        connections[connection.number] = nil
        reconnect(connection.number)
    }

    private func reconnect(_ number: Int) {
        guard !isClosing else { return }
        loop.assumeIsolated().scheduleTask(in: .nanoseconds(LoadLimits.reconnectPause)) { [weak self] in
            guard let self, !isClosing, connections[number] == nil else { return }
            connect(number).assumeIsolated().whenFailure { _ in self.reconnect(number) }
        }
    }
}

@available(*, unavailable)
extension ConnectionPool: Sendable {}
