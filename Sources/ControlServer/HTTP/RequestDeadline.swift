import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// Closes connections whose requests do not arrive: an idle timeout alone is put off by a byte now and then.
///
/// The first head must be there soon after the connection, the next ones within the idle timeout of the last answer, and a body
/// some time after its head. A body that is late fails the reading of it, so that the call is answered 408 like any other. Nor is an
/// answer kept for long that nobody reads.
final class RequestDeadline: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    /// The body took too long.
    struct Overdue: Error {}

    private let limits: ControlLimits
    private var timer: Scheduled<Void>?
    private var isReadingBody = false
    private var isOverdue = false
    /// Requests whose answers are not written whole; more than one where the peer pipelines.
    private var unanswered = 0

    init(_ limits: ControlLimits) { self.limits = limits }

    func handlerAdded(context: ChannelHandlerContext) { wait(limits.firstHead, context) }
    func handlerRemoved(context: ChannelHandlerContext) { timer?.cancel() }

    func channelInactive(context: ChannelHandlerContext) {
        timer?.cancel()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head:
            isReadingBody = true
            unanswered += 1
            wait(limits.bodyDeadline, context)
        case .body: break
        case .end:
            isReadingBody = false
            timer?.cancel()
            // The answer to an earlier request may still wait for its reader.
            if !context.channel.isWritable { wait(limits.unread, context) }
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard case .end = unwrapOutboundIn(data) else { return context.write(data, promise: promise) }
        unanswered -= 1
        if isOverdue {
            context.writeAndFlush(data, promise: promise)
            return context.close(promise: nil)
        }
        if unanswered == 0, !isReadingBody { wait(limits.idle, context) }
        context.write(data, promise: promise)
    }

    /// Unread answers fill the socket: a stream waits for room then, perhaps for good.
    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if unanswered > 0, !isReadingBody {
            if context.channel.isWritable { timer?.cancel() } else { wait(limits.unread, context) }
        }
        context.fireChannelWritabilityChanged()
    }

    private func wait(_ time: TimeAmount, _ context: ChannelHandlerContext) {
        timer?.cancel()
        timer = context.eventLoop.assumeIsolated().scheduleTask(in: time) { [weak self] in self?.pass(context) }
    }

    private func pass(_ context: ChannelHandlerContext) {
        guard isReadingBody, !isOverdue else { return context.close(promise: nil) }
        // Behind a request under way a body is not read at all: that is not its sender's fault.
        guard unanswered <= 1 else { return wait(limits.bodyDeadline, context) }
        isOverdue = true
        // Answered already, and the rest of the body was only waited for.
        if unanswered == 0 { return context.close(promise: nil) }
        wait(limits.bodyDeadline, context)
        context.fireErrorCaught(Overdue())
    }
}

@available(*, unavailable)
extension RequestDeadline: Sendable {}
