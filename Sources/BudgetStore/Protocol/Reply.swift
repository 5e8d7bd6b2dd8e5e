/// What Redis answers, as RESP2 says it.
package enum Reply: Hashable, Sendable {
    case integer(Int64)
    case bytes([UInt8])
    case status(String)
    /// The error's text, such as `NOSCRIPT No matching script`.
    case error(String)
    case null
    case array([Reply])

    /// Bulk or status text.
    package var text: String? {
        switch self {
        case .bytes(let bytes): String(decoding: bytes, as: UTF8.self)
        case .status(let text): text
        case .integer, .error, .null, .array: nil
        }
    }
}

/// The peer does not speak RESP2, or says something hostile; the connection is of no more use.
package struct ProtocolViolation: Error, Hashable, Sendable {
    package var detail: String
}
