import BudgetClient
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// Answers requests one after the other from a list, whatever they are, and keeps what was asked. It knows nothing of budgets:
/// it is there to see what a command sends and what it makes of an answer.
final class ScriptedService: Sendable {
    struct Seen: Equatable {
        /// `PUT /v1/tiers/free`
        var line: String
        var fields: [String: String]
        var body: String
    }
    struct Answer {
        var status = 200
        var etag: String?
        var body: String
    }

    private let answers: Mutex<[Answer]>
    private let requests = Mutex<[Seen]>([])

    private init(_ answers: [Answer]) { self.answers = Mutex(answers) }

    var seen: [Seen] { requests.withLock { $0 } }

    /// Runs `body` with a client of a service that gives `answers` in turn; after the last one it gives 500.
    static func run(
        _ answers: [Answer], actor: String? = nil, _ body: (ControlClient, ScriptedService) async throws -> Void
    ) async throws {
        let service = ScriptedService(answers)
        let listener = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Handler(service))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let port = listener.localAddress?.port ?? 0
        try await BudgetClient.with(server: "http://127.0.0.1:\(port)", limits: ControlClient.limits) { client in
            try await body(ControlClient(over: client, actor: actor), service)
        }
        try await listener.close()
    }

    fileprivate func answer(_ request: Seen) -> Answer {
        requests.withLock { $0.append(request) }
        return answers.withLock { $0.isEmpty ? Answer(status: 500, body: "{}") : $0.removeFirst() }
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart
        private let service: ScriptedService
        private var request = Seen(line: "", fields: [:], body: "")

        init(_ service: ScriptedService) { self.service = service }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head):
                let fields = Dictionary(head.headers.map { ($0.name.lowercased(), $0.value) }) { first, _ in first }
                request = Seen(line: "\(head.method.rawValue) \(head.uri)", fields: fields, body: "")
            case .body(let part): request.body += String(buffer: part)
            case .end: respond(service.answer(request), context)
            }
        }

        private func respond(_ answer: Answer, _ context: ChannelHandlerContext) {
            var headers = HTTPHeaders([("content-length", String(answer.body.utf8.count))])
            if let etag = answer.etag { headers.add(name: "etag", value: etag) }
            let head = HTTPResponseHead(version: .http1_1, status: .init(statusCode: answer.status), headers: headers)
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: answer.body)))), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
    }
}
