import NIOCore
import NIOPosix
import NIOSSL

/// A connection that sends whatever bytes it is told to, well formed or not, and reads what comes back.
package final class Wire {
    private var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    private var received: [UInt8] = []

    /// Until a test gives up on a server that neither answers nor closes.
    private static let patience: TimeAmount = .seconds(20)

    package struct Closed: Error {}

    private init(_ inbound: NIOAsyncChannelInboundStream<ByteBuffer>, _ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>) {
        self.inbound = inbound.makeAsyncIterator()
        self.outbound = outbound
    }

    /// Connects, runs `body`, closes.
    /// - Parameter tls: what the client trusts and shows; nil sends plain bytes.
    package static func open<Value: Sendable>(
        port: Int, tls: ClientTLS? = nil, _ body: @escaping @Sendable (Wire) async throws -> Value
    ) async throws -> Value {
        let context = try tls.map { try NIOSSLContext(configuration: $0.configuration) }
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let context {
                        try channel.pipeline.syncOperations.addHandler(NIOSSLClientHandler(context: context, serverHostname: nil))
                    }
                    return try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel, configuration: .init(isOutboundHalfClosureEnabled: true))
                }
            }
        let raw = channel.channel
        let alarm = raw.eventLoop.scheduleTask(in: patience) { raw.close(promise: nil) }
        defer { alarm.cancel() }
        return try await channel.executeThenClose { inbound, outbound in try await body(Wire(inbound, outbound)) }
    }

    package func send(_ text: String) async throws { try await send(Array(text.utf8)) }
    package func send(_ bytes: [UInt8]) async throws { try await outbound.write(ByteBuffer(bytes: bytes)) }

    /// Says that nothing more will come, and goes on reading.
    package func finish() { outbound.finish() }

    /// The next answer.
    /// - Throws: ``Closed`` when the connection ends before it is whole.
    package func answer(bodiless: Bool = false) async throws -> Answer {
        while true {
            if let answer = try Answer(takingFrom: &received, bodiless: bodiless) { return answer }
            guard try await readMore() else { throw Closed() }
        }
    }

    /// Everything until the peer closes; a reset ends it as well.
    package func rest() async -> String {
        while (try? await readMore()) == true {}
        defer { received = [] }
        return String(decoding: received, as: UTF8.self)
    }

    private func readMore() async throws -> Bool {
        guard let buffer = try await inbound.next() else { return false }
        received += buffer.readableBytesView
        return true
    }
}

@available(*, unavailable)
extension Wire: Sendable {}
