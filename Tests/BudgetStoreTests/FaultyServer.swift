import BudgetScripts
import BudgetStore
import Foundation
import NIOCore
import NIOPosix
import Synchronization

/// A Redis that lies as told: it answers the handshake properly, then each further command with the next line of its script.
final class FaultyServer: Sendable {
    enum Answer: Sendable {
        case reply(String)
        /// Only when the next command comes, ahead of that one's answer.
        case late(String)
        case silence
        /// These bytes, then the connection closes.
        case breakOff(String)
    }
    private let channel: any Channel
    /// Of its socket.
    let path: String
    var address: StoreAddress { StoreAddress(unixSocket: path) }

    /// Runs `body` with a server that is closed afterwards; NIO then removes its socket.
    static func run(_ answers: [Answer], _ body: (FaultyServer) async throws -> Void) async throws {
        let server = try await FaultyServer(answers)
        let result: Result<Void, any Error>
        do { result = .success(try await body(server)) } catch { result = .failure(error) }
        try await server.channel.close()
        try result.get()
    }

    private init(_ answers: [Answer]) async throws {
        let script = Mutex(answers)
        let path = FileManager.default.temporaryDirectory.appending(path: "tb-faulty-\(UUID().uuidString.prefix(8)).sock").path
        let counter = Counter()
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                counter.value.add(1, ordering: .relaxed)
                return channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        Session { script.withLock { $0.isEmpty ? .silence : $0.removeFirst() } })
                }
            }
            .bind(unixDomainSocketPath: path).get()
        self.path = path
        self.counter = counter
    }

    private let counter: Counter
    var accepted: Int { counter.value.load(ordering: .relaxed) }

    private final class Counter: Sendable {
        let value = Atomic(0)
    }

    private final class Session: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer
        private var text = ""
        private var late: String?
        private let next: () -> Answer

        init(_ next: @escaping () -> Answer) { self.next = next }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            text += String(buffer: unwrapInboundIn(data))
            while let words = takeCommand() { answer(words, context) }
        }

        private func answer(_ words: [String], _ context: ChannelHandlerContext) {
            if words.first == "SCRIPT" { return send("+\(Self.digest(words.last ?? ""))\r\n", context) }
            if words.first == "INFO" { return send("$0\r\n\r\n", context) }
            if words.first == "TIME" { return send("*2\r\n$1\r\n1\r\n$1\r\n0\r\n", context) }
            if words.first == "SET" { return send("+OK\r\n", context) }
            let channel = context.channel
            if let late {
                self.late = nil
                send(late, context)
            }
            switch next() {
            case .reply(let text): send(text, context)
            case .late(let text): late = text
            case .silence: break
            case .breakOff(let text): channel.writeAndFlush(ByteBuffer(string: text)).whenComplete { _ in channel.close(promise: nil) }
            }
        }

        private static let library = ScriptLibrary()

        private static func digest(_ source: String) -> String {
            return Script.allCases.map { library[$0] }.first { $0.source == source }?.digest ?? "?"
        }

        private func send(_ text: String, _ context: ChannelHandlerContext) {
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
        }

        /// One command off the front of what has come, in RESP.
        private func takeCommand() -> [String]? {
            var rest = Substring(text)
            func line() -> Substring? {
                guard let end = rest.range(of: "\r\n") else { return nil }
                defer { rest = rest[end.upperBound...] }
                return rest[..<end.lowerBound]
            }
            guard let head = line(), head.first == "*", let count = Int(head.dropFirst()) else { return nil }
            var words: [String] = []
            for _ in 0..<count {
                guard let size = line().flatMap({ Int($0.dropFirst()) }), rest.utf8.count >= size + 2 else { return nil }
                words.append(String(decoding: rest.utf8.prefix(size), as: UTF8.self))
                rest = rest[rest.utf8.index(rest.startIndex, offsetBy: size + 2)...]
            }
            text = String(rest)
            return words
        }
    }
}
