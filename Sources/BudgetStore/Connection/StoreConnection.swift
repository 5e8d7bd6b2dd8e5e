package import BudgetMetrics
import BudgetScripts
package import Logging
package import NIOCore
import NIOPosix
package import NIOSSL

/// One Redis connection, confined to one event loop: commands go out pipelined, those of a loop tick together, answers come back in
/// order, a lost connection is made again.
package final class StoreConnection {
    package typealias Completion = (Result<Reply, StoreFault>) -> Void

    package let loop: any EventLoop
    package let limits: StoreLimits
    let scripts: ScriptLibrary
    private let address: StoreAddress
    private let tls: NIOSSLContext?
    private let logger: Logger
    private var channel: (any Channel)?
    private var pipeline: Pipeline<Completion>
    private var admission: Admission
    private var outgoing: ByteBuffer
    /// Commands in `outgoing`.
    private var unsent = 0
    /// When the first command of this tick was written that did not go out at once; nil before it.
    private var turnBegan: NIODeadline?
    /// When the next look at deadlines is due.
    private var nextLook: (time: NIODeadline, task: Scheduled<Void>)?
    private var backoff: TimeAmount
    private var isClosed = false
    private var lastComplaint: String?
    /// From sending a command that somebody waits for to its answer, late answers too.
    package private(set) var durations = DurationHistogram()
    /// Why the store cannot be used right now; nil while it can.
    package private(set) var fault: String? = "not connected yet"
    /// Called each time the connection is ready, before any other command can be sent; forgotten when it is closed.
    var onReady: () -> Void = {}

    package init(
        _ address: StoreAddress, tls: NIOSSLContext?, scripts: ScriptLibrary, on loop: any EventLoop, limits: StoreLimits,
        logger: Logger
    ) {
        self.address = address
        self.tls = tls
        self.scripts = scripts
        self.loop = loop
        self.limits = limits
        self.logger = logger
        pipeline = Pipeline(capacity: limits.pipeline)
        admission = Admission(limit: limits.decisions)
        outgoing = ByteBufferAllocator().buffer(capacity: 16 << 10)
        backoff = limits.shortestBackoff
    }

    package var isReady: Bool { channel != nil && fault == nil }
    /// Whether there is room for one more decision.
    package func admits() -> Bool { admission.admits(waiting: pipeline.count, turnBegan: turnBegan, at: .now()) }

    // MARK: Commands

    /// Sends a command; `completion` is called exactly once, on the loop, by the deadline.
    /// - Parameter inBackground: no decision waits for it, so how long it takes is not counted.
    package func send(_ command: borrowing Command, inBackground: Bool = false, _ completion: @escaping Completion) {
        loop.assertInEventLoop()
        guard isReady else { return completion(.failure(.unavailable(fault ?? "not connected"))) }
        submit(command, within: limits.commandDeadline, isTimed: !inBackground, completion)
    }

    private func submit(_ command: borrowing Command, within time: TimeAmount, isTimed: Bool, _ completion: @escaping Completion) {
        let isIdle = pipeline.isEmpty
        let now = NIODeadline.now()
        guard pipeline.enqueue(completion, deadline: now + time, isTimed: isTimed) else { return completion(.failure(.overloaded)) }
        command.write(to: &outgoing)
        unsent += 1
        // What finds nothing under way goes out at once, and so does a full batch; the rest goes together at the end of the tick.
        if isIdle || unsent >= limits.batch { flush() } else { scheduleFlush(at: now) }
        scheduleDeadline()
    }

    private func scheduleFlush(at now: NIODeadline) {
        guard turnBegan == nil else { return }
        turnBegan = now
        let connection = NIOLoopBound(self, eventLoop: loop)
        loop.execute {
            // Only here: were the turn to begin anew with each batch, too many were let in while admission is strict.
            connection.value.turnBegan = nil
            connection.value.flush()
        }
    }

    private func flush() {
        unsent = 0
        guard let channel, outgoing.readableBytes > 0 else { return }
        channel.writeAndFlush(outgoing, promise: nil)
        outgoing.clear(minimumCapacity: 16 << 10)
    }

    private func scheduleDeadline() {
        guard let next = pipeline.nextDeadline ?? pipeline.oldestDeadline.map({ $0 + limits.stall }) else { return }
        // Mostly a look is due already: under load one serves thousands of commands. A shorter deadline brings it forward.
        if let nextLook, nextLook.time <= next { return }
        nextLook?.task.cancel()
        let connection = NIOLoopBound(self, eventLoop: loop)
        nextLook = (next, loop.scheduleTask(deadline: next) { connection.value.deadlinePassed() })
    }

    private func deadlinePassed() {
        nextLook = nil
        let now = NIODeadline.now()
        for completion in pipeline.expire(at: now) { completion(.failure(.timedOut)) }
        if let oldest = pipeline.oldestDeadline, oldest + limits.stall <= now {
            logger.warning("Redis has stopped answering; connecting anew", metadata: ["redis": "\(address)"])
            disconnect("it stopped answering")
        }
        scheduleDeadline()
    }

    // MARK: What the channel handler reports

    /// An old channel may still deliver while it closes (TLS does): its answers belong to nobody any more.
    /// - Parameter time: when the bytes were read, one time for all replies in them.
    func received(_ reply: Reply, from source: any Channel, at time: NIODeadline) {
        guard let channel, channel === source else { return }
        // A handshake judges its own steps: one of them may be refused and yet all be well.
        let carriesDecisions = isReady
        let asked = pipeline.oldestTimedDeadline
        if let deadline = asked {
            // Its deadline tells when it was sent.
            durations.record(nanoseconds: (time - deadline + limits.commandDeadline).nanoseconds)
        }
        switch pipeline.answered() {
        case .complete(let completion):
            if case .error(let text) = reply {
                completion(.failure(StoreFault(reply: text)))
                // What only a scrape may not ask is no reason to stop deciding.
                let isDispensable = asked == nil && text.hasPrefix("NOPERM")
                if carriesDecisions, !isDispensable, StoreFault.endsConnection(text) { disconnect(text) }
            } else {
                completion(.success(reply))
            }
        case .discard: break
        case .outOfStep: disconnect("it answered what nobody asked")
        }
    }

    /// A channel that is no longer this connection's has nothing to say.
    func channelBroke(_ broken: any Channel, _ why: String) {
        if let channel, channel === broken { disconnect(why) }
    }

    // MARK: Life

    /// Connects, and keeps connecting until ``close()``.
    package func start() {
        loop.assertInEventLoop()
        guard !isClosed else { return }
        let connection = NIOLoopBound(self, eventLoop: loop)
        connect().whenComplete { result in
            switch result {
            case .success(let channel): connection.value.connected(channel)
            case .failure(let error): connection.value.disconnect(ConnectionFailure.words(error))
            }
        }
    }

    package func close() {
        isClosed = true
        onReady = {}
        disconnect("the service is stopping")
    }

    private func connect() -> EventLoopFuture<any Channel> {
        let connection = NIOLoopBound(self, eventLoop: loop)
        let address = address
        let tls = tls
        let bootstrap = ClientBootstrap(group: loop)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .connectTimeout(limits.handshakeDeadline)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls {
                        try channel.pipeline.syncOperations.addHandler(
                            NIOSSLClientHandler(context: tls, serverHostname: address.hostName))
                    }
                    try channel.pipeline.syncOperations.addHandler(StoreChannelHandler(connection.value))
                }
            }
        switch address.endpoint {
        case .tcp(let host, let port): return bootstrap.connect(host: host, port: port)
        case .unix(let path): return bootstrap.connect(unixDomainSocketPath: path)
        }
    }

    private func connected(_ channel: any Channel) {
        guard !isClosed else { return channel.close(promise: nil) }
        self.channel = channel
        handshake(Handshake(address, scripts: scripts).steps[...])
    }

    /// One step after the other: each must succeed before the connection carries decisions.
    private func handshake(_ steps: ArraySlice<Handshake.Step>) {
        guard let step = steps.first else { return becomeReady() }
        submit(Command(step.words), within: limits.handshakeDeadline, isTimed: false) { result in
            if let complaint = step.complaint(result) { return self.disconnect(complaint) }
            self.handshake(steps.dropFirst())
        }
    }

    private func becomeReady() {
        if fault != nil { logger.info("connected to Redis", metadata: ["redis": "\(address)"]) }
        fault = nil
        backoff = limits.shortestBackoff
        onReady()
    }

    private func disconnect(_ why: String) {
        // Whoever waited may come back here while being told: once is enough.
        guard channel != nil || !reconnectIsScheduled else { return }
        let old = channel
        channel = nil
        fault = why
        outgoing.clear()
        unsent = 0
        if !isClosed { scheduleReconnect() }
        for completion in pipeline.abandon() { completion(.failure(.unavailable(why))) }
        old?.close(promise: nil)
        guard !isClosed else { return }
        if why != lastComplaint {
            logger.warning("no connection to Redis", metadata: ["redis": "\(address)", "why": "\(why)"])
            lastComplaint = why
        }
    }

    private var reconnectIsScheduled = false

    private func scheduleReconnect() {
        guard !reconnectIsScheduled else { return }
        reconnectIsScheduled = true
        let connection = NIOLoopBound(self, eventLoop: loop)
        let wait = backoff
        backoff = min(.nanoseconds(backoff.nanoseconds * 2), limits.longestBackoff)
        loop.scheduleTask(in: wait) {
            connection.value.reconnectIsScheduled = false
            connection.value.start()
        }
    }
}

@available(*, unavailable)
extension StoreConnection: Sendable {}
