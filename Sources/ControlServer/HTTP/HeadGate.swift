import BudgetHTTP
import BudgetModel
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1

/// Refuses requests that break HTTP before anything else reads them, in the words of the decision listener. After a refusal the
/// connection closes: what follows may be the rest of the request.
final class HeadGate: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private struct Refusal {
        var problem: Problem
        var correlation = Correlation()
        var omitsBody = false
    }

    private let rules: HeadRules
    private let meters: ListenerMeters
    /// Requests let through and not answered yet: their answers come before a refusal.
    private var unanswered = 0
    /// A request is let through, its body not read whole.
    private var isReadingBody = false
    private var refusal: Refusal?
    /// What came of a body cannot be read: nothing that follows on this connection can.
    private var isBroken = false

    /// For a client to read the answer before the socket closes: unread bytes would turn the close into a reset.
    private static let lingering: TimeAmount = .milliseconds(500)

    init(_ rules: HeadRules, _ meters: ListenerMeters) {
        self.rules = rules
        self.meters = meters
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard refusal == nil else { return }
        switch unwrapInboundIn(data) {
        case .head(let head):
            let fields = RequestFields(head.headers)
            if let problem = rules.refusal(head, fields) {
                return refuse(Refusal(problem: problem, correlation: fields.correlation, omitsBody: head.method == .HEAD), context)
            }
            unanswered += 1
            isReadingBody = true
        case .body: break
        case .end: isReadingBody = false
        }
        context.fireChannelRead(data)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let error = error as? HTTPParserError else { return context.fireErrorCaught(error) }
        guard refusal == nil, !isBroken else { return }
        guard isReadingBody else { return refuse(Refusal(problem: Problem(error)), context) }
        // In the midst of a body somebody may wait for its end, and has to hear of it.
        isBroken = true
        if unanswered == 0 { Self.close(context.channel) }
        context.fireErrorCaught(error)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        // Hummingbird answers a body that cannot be read in words of its own, also when the call has its answer already.
        guard unanswered > 0 else {
            promise?.succeed()
            return
        }
        let isEnd = if case .end = unwrapOutboundIn(data) { true } else { false }
        guard isEnd else { return context.write(data, promise: promise) }
        unanswered -= 1
        if isBroken, unanswered == 0 {
            let channel = context.channel
            context.writeAndFlush(data, promise: promise)
            return Self.close(channel)
        }
        context.write(data, promise: promise)
        if refusal != nil { answerRefusal(context) }
    }

    private func refuse(_ refusal: Refusal, _ context: ChannelHandlerContext) {
        self.refusal = refusal
        answerRefusal(context)
    }

    private func answerRefusal(_ context: ChannelHandlerContext) {
        guard unanswered == 0, var refusal else { return }
        let requestID = refusal.correlation.ensureRequestID()
        refusal.problem.requestID = requestID
        let body = refusal.problem.body
        var head = HTTPResponseHead(version: .http1_1, status: .init(statusCode: refusal.problem.status))
        head.headers.add(name: "content-type", value: "application/problem+json")
        head.headers.add(name: "cache-control", value: "no-store")
        head.headers.add(name: "x-request-id", value: requestID)
        if let trace = refusal.correlation.trace { head.headers.add(name: "traceparent", value: trace.description) }
        head.headers.add(name: "content-length", value: String(body.count))
        head.headers.add(name: "connection", value: "close")
        meters.count(status: refusal.problem.status, after: .zero)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if !refusal.omitsBody { context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: body)))), promise: nil) }
        let channel = context.channel
        context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in
            Self.close(channel)
        }
    }

    private static func close(_ channel: any Channel) {
        channel.eventLoop.scheduleTask(in: lingering) { channel.close(promise: nil) }
    }
}

@available(*, unavailable)
extension HeadGate: Sendable {}

/// Puts a ``HeadGate`` where requests are still as HTTP/1.1 has them: Hummingbird adds handlers behind its own translation, which
/// no longer tells versions apart.
final class HeadGateInstaller: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart

    private let rules: HeadRules
    private let meters: ListenerMeters

    init(_ rules: HeadRules, _ meters: ListenerMeters) {
        self.rules = rules
        self.meters = meters
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let pipeline = context.pipeline.syncOperations
        do {
            let translation = try pipeline.handler(type: HTTP1ToHTTPServerCodec.self)
            try pipeline.addHandler(HeadGate(rules, meters), position: .before(translation))
        } catch {
            // Without its gate a connection is not served.
            context.close(promise: nil)
        }
    }
}

@available(*, unavailable)
extension HeadGateInstaller: Sendable {}
