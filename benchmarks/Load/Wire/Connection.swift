import NIOCore

/// One keep-alive connection: a call at a time, its answer, the next call.
final class Connection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private unowned let pool: ConnectionPool
    private var context: ChannelHandlerContext?
    private var reader = ResponseReader()
    private var outgoing = ByteBuffer()
    private(set) var call: Call?
    /// When it was opened, or its last call was sent.
    private(set) var lastUse: Int64 = 0
    /// Its place in the pool.
    let number: Int

    init(_ pool: ConnectionPool, number: Int) {
        self.pool = pool
        self.number = number
    }

    func send(_ call: Call, _ writer: inout RequestWriter, at now: Int64) {
        guard let context else { preconditionFailure("only open connections are handed out") }
        var call = call
        call.sent = now
        lastUse = now
        self.call = call
        outgoing.clear()
        writer.write(call.verb, call.request, to: &outgoing)
        context.writeAndFlush(wrapOutboundOut(outgoing), promise: nil)
    }

    /// The call's time is over. Its late answer must not reach another call, so the connection goes too.
    func giveUp(_ failure: Failure) {
        let given = call
        call = nil
        context?.close(promise: nil)
        if let given { pool.ended(given, .broken(failure)) }
    }

    func close() { context?.close(promise: nil) }

    // MARK: What the channel says

    func channelActive(context: ChannelHandlerContext) {
        self.context = context
        lastUse = ConnectionPool.now
        pool.opened(self)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        reader.append(unwrapInboundIn(data))
        do {
            guard let response = try reader.next() else { return }
            guard let answered = call, reader.isEmpty else { return giveUp(.malformed) }
            call = nil
            if response.closes { context.close(promise: nil) } else { pool.idle(self) }
            pool.ended(answered, .answered(response))
        } catch {
            giveUp(.malformed)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) { pool.settled() }

    func channelInactive(context: ChannelHandlerContext) {
        self.context = nil
        reader = ResponseReader()
        pool.lost(self)
        giveUp(.closed)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}

@available(*, unavailable)
extension Connection: Sendable {}
