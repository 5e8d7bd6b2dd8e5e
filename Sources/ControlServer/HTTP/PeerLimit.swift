import NIOCore
import NIOHTTPTypes
import Synchronization

/// How many connections each address has: no peer alone takes all that the listener allows.
final class PeerCounts: Sendable {
    private let limit: Int
    private let counts = Mutex<[String: Int]>([:])

    init(limit: Int) { self.limit = limit }

    /// - Returns: false when the address has its share already.
    func take(_ address: String) -> Bool {
        counts.withLock { counts in
            let count = counts[address] ?? 0
            if count >= limit { return false }
            counts[address] = count + 1
            return true
        }
    }

    func giveBack(_ address: String) {
        counts.withLock { counts in
            let count = (counts[address] ?? 1) - 1
            counts[address] = count > 0 ? count : nil
        }
    }
}

/// Closes a connection whose peer has as many as it may.
final class PeerLimit: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart

    private let counts: PeerCounts
    /// Whose connection is counted; nil while it is not.
    private var address: String?
    private var isRefused = false

    init(_ counts: PeerCounts) { self.counts = counts }

    func handlerAdded(context: ChannelHandlerContext) {
        guard let address = context.channel.remoteAddress?.ipAddress else { return }
        if counts.take(address) { self.address = address } else { isRefused = true }
    }

    /// Not before: closing a connection that is still being made would be an error of the listener.
    func channelActive(context: ChannelHandlerContext) {
        if isRefused { context.close(promise: nil) } else { context.fireChannelActive() }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        if let address { counts.giveBack(address) }
        address = nil
    }
}

@available(*, unavailable)
extension PeerLimit: Sendable {}
