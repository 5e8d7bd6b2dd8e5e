import NIOCore
import NIOPosix

/// A server that answers every call at once, but for one pause. The first bytes of a call decide the answer.
final class TinyServer: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// What is the same for all connections of a server, which are on one event loop.
    final class Shared {
        var requestsUntilPause: Int
        let length: TimeAmount
        var pauseEnds: NIODeadline = .uptimeNanoseconds(0)
        /// Of each connection there has been, in the order of their opening.
        var calls: [Int] = []

        /// - Parameter requests: those until the pause; never with -1.
        init(pauseAfter requests: Int = -1, _ length: TimeAmount = .zero) {
            requestsUntilPause = requests
            self.length = length
        }
    }

    private let shared: Shared
    private let number: Int
    private var unanswered = ""

    private init(_ shared: Shared) {
        self.shared = shared
        number = shared.calls.count
        shared.calls.append(0)
    }

    static func start(_ shared: NIOLoopBound<Shared>, on loop: any EventLoop) async throws -> any Channel {
        try await ServerBootstrap(group: loop, childGroup: loop)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(TinyServer(shared.value)) }
            }
            .bind(host: "127.0.0.1", port: 0).get()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        unanswered += String(buffer: unwrapInboundIn(data))
        guard unanswered.hasSuffix("}") else { return }
        let body =
            unanswered.hasPrefix("POST /v1/reserve")
            ? #"{"decision":"allow","reservation_id":"r","model":"gpt-4o","max_output_tokens":9,"held":{"tokens":5}}"#
            : #"{"state":"committed","charged":{"tokens":5},"late":false}"#
        unanswered = ""
        shared.calls[number] += 1
        shared.requestsUntilPause -= 1
        if shared.requestsUntilPause == 0 { shared.pauseEnds = .now() + shared.length }
        let answer = ByteBuffer(string: "HTTP/1.1 200 OK\r\ncontent-length: \(body.utf8.count)\r\n\r\n\(body)")
        context.eventLoop.assumeIsolated().scheduleTask(deadline: shared.pauseEnds) {
            context.writeAndFlush(self.wrapOutboundOut(answer), promise: nil)
        }
    }
}

@available(*, unavailable)
extension TinyServer: Sendable {}
