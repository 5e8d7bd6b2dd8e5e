import NIOCore

/// Bytes from Redis' socket into replies for the connection. It holds the reader, so a new channel starts with a clean one.
final class StoreChannelHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    private let connection: StoreConnection
    private var reader = ReplyReader()
    private var isOver = false

    init(_ connection: StoreConnection) { self.connection = connection }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isOver else { return }
        let buffer = unwrapInboundIn(data)
        let time = NIODeadline.now()
        do throws(ProtocolViolation) {
            try buffer.withUnsafeReadableBytes { (bytes) throws(ProtocolViolation) in try reader.feed(bytes) }
            while !isOver, let reply = try reader.next() { connection.received(reply, from: context.channel, at: time) }
        } catch {
            end(context, "it broke the protocol: \(error.detail)")
        }
    }

    func channelInactive(context: ChannelHandlerContext) { end(context, "the connection was closed") }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { end(context, ConnectionFailure.words(error)) }

    private func end(_ context: ChannelHandlerContext, _ why: String) {
        guard !isOver else { return }
        isOver = true
        connection.channelBroke(context.channel, why)
        context.close(promise: nil)
    }
}

@available(*, unavailable)
extension StoreChannelHandler: Sendable {}
