import Glibc
import NIOCore
import NIOPosix
import NIOSSL

/// Why there is no connection, in words for people: what NIO's errors say is for its programmers.
enum ConnectionFailure {
    static func words(_ error: any Error) -> String {
        switch error {
        case let error as NIOConnectionError: error.connectionErrors.first.map { words($0.error) } ?? "\(error.host) is not known"
        case let error as IOError: String(cString: strerror(error.errnoCode))
        case ChannelError.connectTimeout(let time): "no connection within \(time.nanoseconds / 1_000_000) ms"
        case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError: secureWords("\(error)")
        default: "\(error)"
        }
    }

    private static func secureWords(_ text: String) -> String {
        if text.contains("CERTIFICATE_VERIFY_FAILED") { return "its certificate is of no authority that is trusted here" }
        if text.contains("WRONG_VERSION_NUMBER") { return "it speaks no TLS" }
        return "no TLS connection: \(text)"
    }
}
