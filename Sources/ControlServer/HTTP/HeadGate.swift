import BudgetHTTP
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

    private let meters: ListenerMeters
    /// Requests let through and not answered yet: their answers come before a refusal.
    private var unanswered = 0
    /// A request is let through, its body not read whole.
    private var isReadingBody = false
    private var refusal: Refusal?

    /// For a client to read the answer before the socket closes: unread bytes would turn the close into a reset.
    private static let lingering: TimeAmount = .milliseconds(500)

    init(_ meters: ListenerMeters) { self.meters = meters }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard refusal == nil else { return }
        switch unwrapInboundIn(data) {
        case .head(let head):
            if let problem = Self.refusal(head) { return refuse(problem, head, context) }
            unanswered += 1
            isReadingBody = true
        case .body: break
        case .end: isReadingBody = false
        }
        context.fireChannelRead(data)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // In the midst of a body somebody waits for its end, and has to hear of it.
        guard let error = error as? HTTPParserError, !isReadingBody else { return context.fireErrorCaught(error) }
        if refusal == nil { refuse(Problem(error), nil, context) }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let isEnd = if case .end = unwrapOutboundIn(data) { true } else { false }
        context.write(data, promise: promise)
        guard isEnd else { return }
        unanswered -= 1
        if refusal != nil { answerRefusal(context) }
    }

    private static func refusal(_ head: HTTPRequestHead) -> Problem? {
        let hosts = head.headers["host"].count
        if hosts > 1 || (hosts == 0 && head.version.minor >= 1) { return .hostNeeded }
        let coding = head.headers["content-encoding"].first { $0.lowercased() != "identity" }
        return coding.map { .unsupportedContentCoding($0) }
    }

    private func refuse(_ problem: Problem, _ head: HTTPRequestHead?, _ context: ChannelHandlerContext) {
        var refusal = Refusal(problem: problem, omitsBody: head?.method == .HEAD)
        for value in head?.headers["x-request-id"] ?? [] { refusal.correlation.take(requestID: value) }
        for value in head?.headers["traceparent"] ?? [] { refusal.correlation.take(traceparent: value) }
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
            channel.eventLoop.scheduleTask(in: Self.lingering) { channel.close(promise: nil) }
        }
    }
}

@available(*, unavailable)
extension HeadGate: Sendable {}

/// Puts a ``HeadGate`` where requests are still as HTTP/1.1 has them: Hummingbird adds handlers behind its own translation, which
/// no longer tells versions apart.
final class HeadGateInstaller: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart

    private let meters: ListenerMeters

    init(_ meters: ListenerMeters) { self.meters = meters }

    func handlerAdded(context: ChannelHandlerContext) {
        let pipeline = context.pipeline.syncOperations
        do {
            let translation = try pipeline.handler(type: HTTP1ToHTTPServerCodec.self)
            try pipeline.addHandler(HeadGate(meters), position: .before(translation))
        } catch {
            // Without its gate a connection is not served.
            context.close(promise: nil)
        }
    }
}

@available(*, unavailable)
extension HeadGateInstaller: Sendable {}
