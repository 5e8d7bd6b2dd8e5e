import BudgetHTTP
import BudgetModel
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
        case awaitingHead, readingBody, answering, closing
    }

    private let desk: DecisionDesk
    private var state = State.awaitingHead
    // Of the request under way. Beside the state and not in it: what a case carries is copied each time the case is looked at.
    private var head: HTTPRequestHead?
    private var fields: RequestFields?
    private var body = ByteBuffer()
    private var correlation = Correlation()
    private var waiting = CircularBuffer<HTTPServerRequestPart>()
    private var holdsBackRead = false
    private var isProceeding = false
    /// Counts requests: an answer is taken for the request it was made for, and once.
    private var request = 0
    /// Nothing more comes: the peer has said so, or what it sent cannot be read any further.
    private var peerIsDone = false
    private var failure: HTTPParserError?
    /// What the connection must have done by then; looked at once a second.
    private(set) var deadline: NIODeadline
    /// When the request under way had been read whole.
    private var asked: NIODeadline?
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
            var problem = Problem.refusal(503, "too_many_connections", "Too many connections", "Try again in a moment.")
            problem.fields = [("retry-after", "1")]
            answer(Response(problem), to: nil)
        }
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = unwrapInboundIn(data)
        // Mostly nothing is under way, and what comes is dealt with where it lies.
        if isProceeding || state == .answering || !waiting.isEmpty {
            waiting.append(part)
            proceed()
        } else {
            proceed(with: part)
        }
    }

    func read(context: ChannelHandlerContext) {
        // While parts wait, the socket is left alone; stopping it for every request would cost two system calls each.
        // A peer that does not take its answers is not listened to either, or they would pile up here.
        if mustHoldBack(context) {
            holdsBackRead = true
        } else {
            context.read()
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        resumeReading()
        context.fireChannelWritabilityChanged()
    }

    private func mustHoldBack(_ context: ChannelHandlerContext) -> Bool {
        guard context.channel.isWritable else { return true }
        return state == .answering && !waiting.isEmpty
    }

    private func resumeReading() {
        guard holdsBackRead, let context, !mustHoldBack(context) else { return }
        holdsBackRead = false
        context.read()
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
            answer(
                Response(Problem.refusal(408, "request_timeout", "Request timeout", "The request took too long to arrive.")), to: nil)
        case .awaitingHead, .answering, .closing: context?.close(promise: nil)
        }
    }

    /// Closes when idle; a request under way is still answered.
    func drain() {
        if isIdle { leave() }
    }

    var isIdle: Bool { state == .awaitingHead }

    // MARK: Requests

    /// Takes on what waits. Answers that come at once end up here again and leave the rest to the loop that runs already.
    private func proceed(with first: consuming HTTPServerRequestPart? = nil) {
        guard !isProceeding else { return }
        isProceeding = true
        if let part = consume first { handle(part) }
        while state != .answering, let part = waiting.popFirst() { handle(part) }
        isProceeding = false
        if peerIsDone { finish() }
        resumeReading()
    }

    private func handle(_ part: consuming HTTPServerRequestPart) {
        switch consume part {
        case .head(let head):
            if state == .awaitingHead { begin(head) }
        case .body(let bytes):
            if state == .readingBody { take(bytes) }
        case .end:
            if state == .readingBody { ask() }
        }
    }

    private func ask() {
        guard let head, let fields = fields.take() else { return }
        state = .answering
        let now = NIODeadline.now()
        asked = now
        deadline = now + desk.limits.writeDeadline
        if fields.offersUpgrade { peerIsDone = true }
        request += 1
        let number = request
        // Let go of the bytes, so that the channel reads the next request into the same memory.
        let body = body
        self.body = ByteBuffer()
        desk.handle(head, fields, body) { response in
            guard self.request == number, self.state == .answering else { return }
            self.answer(response, to: self.head)
        }
    }

    /// Everything that came whole has been answered. What could not be read gets a refusal; what never ended, nothing.
    private func finish() {
        switch state {
        case .answering, .closing: return
        case .awaitingHead, .readingBody:
            guard let failure else { return leave() }
            answer(Response(Problem(failure)), to: nil)
        }
    }

    /// Closes without a word, once what was written is out.
    private func leave() {
        guard let context else { return }
        state = .closing
        deadline = .now() + desk.limits.writeDeadline
        close(context, after: ByteBuffer())
    }

    private func begin(_ head: consuming HTTPRequestHead) {
        let fields = RequestFields(head.headers)
        correlation = fields.correlation
        if let problem = rules.refusal(head, fields) { return answer(Response(problem), to: head) }
        state = .readingBody
        deadline = .now() + desk.limits.bodyDeadline
        if !fields.expectations.isEmpty, head.version.minor > 0, let context {
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: "HTTP/1.1 100 Continue\r\n\r\n")), promise: nil)
        }
        self.head = consume head
        self.fields = consume fields
    }

    private func take(_ bytes: ByteBuffer) {
        guard body.readableBytes + bytes.readableBytes <= desk.limits.body else {
            let detail = "A body may have at most \(desk.limits.body) bytes."
            return answer(Response(Problem.refusal(413, "body_too_large", "Body too large", detail)), to: nil)
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
        if state == .closing { return }
        let now = NIODeadline.now()
        let content = response.body(of: &correlation)
        let isLast = peerIsDone && waiting.isEmpty && failure == nil
        let closing = response.closes || isLast || desk.isDraining || !(head?.isKeepAlive ?? false)
        desk.outgoing.clear(minimumCapacity: 256 + content.count)
        response.write(
            content, to: &desk.outgoing, date: desk.date(),
            connection: closing ? .closes : head?.version.minor == 0 ? .saysItKeeps : .keeps,
            correlation: correlation, omitsBody: head?.method == .HEAD)
        correlation = Correlation()
        (self.head, fields) = (nil, nil)
        if closing {
            state = .closing
            waiting.removeAll()
            deadline = now + desk.limits.writeDeadline
            close(context, after: desk.outgoing)
        } else {
            context.writeAndFlush(wrapOutboundOut(desk.outgoing), promise: nil)
            state = .awaitingHead
            deadline = now + (context.channel.isWritable ? desk.limits.headDeadline : desk.limits.writeDeadline)
        }
        // While the peer reads already.
        desk.count(response, after: asked.map { now - $0 })
        asked = nil
        if !closing { proceed() }
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
