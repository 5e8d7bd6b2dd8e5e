import NIOCore
import NIOHTTP1

/// One HTTP/1.1 connection: requests in, answers out in the same order, one at a time.
///
/// The state machine is small: a request is read whole, answered, then the next one is looked at. Parts that arrive meanwhile
/// wait in a queue, and nothing more is read from the socket until it is empty, so a pipelining peer cannot fill memory.
final class HTTPConnection: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = ByteBuffer

    private enum State {
        case awaitingHead
        case readingBody(HTTPRequestHead, RequestFields)
        case answering(HTTPRequestHead)
        case closing
    }

    private let desk: DecisionDesk
    private var state = State.awaitingHead
    private var body = ByteBuffer()
    private var waiting = CircularBuffer<HTTPServerRequestPart>()
    private var holdsBackRead = false
    /// Nothing more comes: the peer has said so, or what it sent cannot be read any further.
    private var peerIsDone = false
    private var failure: HTTPParserError?
    /// What the connection must have done by then; looked at once a second.
    private(set) var deadline: NIODeadline
    private var context: ChannelHandlerContext?
    private let rules: RequestRules

    init(_ desk: DecisionDesk) {
        self.desk = desk
        rules = RequestRules(limits: desk.limits)
        deadline = .now() + desk.limits.firstHeadDeadline
    }

    // MARK: Life of the channel

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        desk.add(self)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        desk.remove(self)
        self.context = nil
    }

    func channelActive(context: ChannelHandlerContext) {
        if desk.isFull {
            answer(Problem.refusal(503, "too_many_connections", "Too many connections", "Try again in a moment.").response, to: nil)
        }
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        waiting.append(unwrapInboundIn(data))
        proceed()
    }

    func read(context: ChannelHandlerContext) {
        // While parts wait, the socket is left alone; stopping it for every request would cost two system calls each.
        if case .answering = state, !waiting.isEmpty {
            holdsBackRead = true
        } else {
            context.read()
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let error = error as? HTTPParserError else { return context.close(promise: nil) }
        failure = failure ?? error
        peerIsDone = true
        proceed()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed? = event as? ChannelEvent {
            peerIsDone = true
            proceed()
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }

    /// The deadline has passed: a slow request is told so, anything else is simply closed.
    func overdue() {
        switch state {
        case .readingBody:
            answer(Problem.refusal(408, "request_timeout", "Request timeout", "The request took too long to arrive.").response, to: nil)
        case .awaitingHead, .answering, .closing: context?.close(promise: nil)
        }
    }

    /// Closes when idle; a request under way is still answered.
    func drain() {
        if case .awaitingHead = state { context?.close(promise: nil) }
    }

    var isIdle: Bool {
        if case .awaitingHead = state { true } else { false }
    }

    // MARK: Requests

    private func proceed() {
        while let part = waiting.first {
            switch (state, part) {
            case (.answering, _): return
            case (.closing, _): waiting.removeAll()
            case (.awaitingHead, .head(let head)):
                waiting.removeFirst()
                begin(head)
            case (.readingBody, .body(let bytes)):
                waiting.removeFirst()
                take(bytes)
            case (.readingBody(let head, let fields), .end):
                waiting.removeFirst()
                state = .answering(head)
                deadline = .now() + desk.limits.writeDeadline
                if fields.offersUpgrade { peerIsDone = true }
                desk.handle(head, fields, body) { [weak self] response in self?.answer(response, to: head) }
            case (.awaitingHead, _), (.readingBody, .head): waiting.removeFirst()
            }
        }
        if peerIsDone { finish() }
    }

    /// Everything that came whole has been answered. What could not be read gets a refusal; what never ended, nothing.
    private func finish() {
        switch state {
        case .answering, .closing: return
        case .awaitingHead, .readingBody:
            guard let failure else {
                context?.close(promise: nil)
                return
            }
            answer(RequestRules.refusal(failure).response, to: nil)
        }
    }

    private func begin(_ head: HTTPRequestHead) {
        let fields = RequestFields(head.headers)
        if let problem = rules.refusal(head, fields) { return answer(problem.response, to: head) }
        state = .readingBody(head, fields)
        deadline = .now() + desk.limits.bodyDeadline
        body.clear()
        if !fields.expectations.isEmpty, head.version.minor > 0, let context {
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: "HTTP/1.1 100 Continue\r\n\r\n")), promise: nil)
        }
    }

    private func take(_ bytes: ByteBuffer) {
        guard body.readableBytes + bytes.readableBytes <= desk.limits.body else {
            let detail = "A body may have at most \(desk.limits.body) bytes."
            return answer(Problem.refusal(413, "body_too_large", "Body too large", detail).response, to: nil)
        }
        if body.readableBytes == 0 {
            body = bytes
        } else {
            body.writeImmutableBuffer(bytes)
        }
    }

    // MARK: Answers

    /// - Parameter head: the request answered; nil when it was never read whole, so that the connection closes.
    private func answer(_ response: Response, to head: HTTPRequestHead?) {
        guard let context else { return }
        if case .closing = state { return }
        let isLast = peerIsDone && waiting.isEmpty && failure == nil
        let closing = response.closes || isLast || desk.isDraining || !(head?.isKeepAlive ?? false)
        var buffer = context.channel.allocator.buffer(capacity: 256 + response.body.count)
        response.write(
            to: &buffer, date: desk.date(), connection: closing ? .closes : head?.version.minor == 0 ? .saysItKeeps : .keeps,
            omitsBody: head?.method == .HEAD)
        if closing {
            state = .closing
            waiting.removeAll()
            deadline = .now() + desk.limits.writeDeadline
            close(context, after: buffer)
            return
        }
        context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
        state = .awaitingHead
        deadline = .now() + desk.limits.headDeadline
        proceed()
        if case .answering = state { return }
        if holdsBackRead {
            holdsBackRead = false
            context.read()
        }
    }

    /// Lets the peer read the answer before the socket closes: unread bytes would turn the close into a reset.
    private func close(_ context: ChannelHandlerContext, after buffer: ByteBuffer) {
        let channel = context.channel
        context.writeAndFlush(wrapOutboundOut(buffer)).whenComplete { _ in
            channel.close(mode: .output).whenComplete { _ in
                channel.eventLoop.scheduleTask(in: .milliseconds(200)) { channel.close(promise: nil) }
            }
        }
        if holdsBackRead {
            holdsBackRead = false
            context.read()
        }
    }
}

extension HTTPConnection: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer
}

@available(*, unavailable)
extension HTTPConnection: Sendable {}
