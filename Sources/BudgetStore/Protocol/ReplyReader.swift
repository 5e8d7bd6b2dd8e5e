import CHiredis

/// hiredis' reply reader, owned: bytes in, replies out. No pointer of C's leaves this file.
package struct ReplyReader: ~Copyable {
    private let reader: UnsafeMutablePointer<redisReader>
    private var fed = 0
    /// Most bytes of one reply; the largest we ever ask for is a user's whole hash.
    package static let maximumReply = 16 << 20

    package init() {
        guard let reader = redisReaderCreate() else { fatalError("hiredis cannot allocate a reader") }
        // Keep the buffer between replies, but not one that a huge reply blew up.
        reader.pointee.maxbuf = 64 << 10
        self.reader = reader
    }

    deinit { redisReaderFree(reader) }

    /// - Throws: ``ProtocolViolation`` when too much has come without making a reply.
    package mutating func feed(_ bytes: UnsafeRawBufferPointer) throws(ProtocolViolation) {
        fed += bytes.count
        guard fed <= Self.maximumReply else { throw ProtocolViolation(detail: "a reply passes \(Self.maximumReply) bytes") }
        guard redisReaderFeed(reader, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count) == REDIS_OK else {
            throw violation
        }
    }

    /// The next whole reply; nil until more bytes come. Errors stick: close the connection after one.
    package mutating func next() throws(ProtocolViolation) -> Reply? {
        var object: UnsafeMutableRawPointer?
        guard redisReaderGetReply(reader, &object) == REDIS_OK else { throw violation }
        guard let object else { return nil }
        defer { freeReplyObject(object) }
        fed = reader.pointee.len - reader.pointee.pos
        return try Self.value(object.assumingMemoryBound(to: redisReply.self).pointee)
    }

    private static func value(_ reply: redisReply) throws(ProtocolViolation) -> Reply {
        switch reply.type {
        case REDIS_REPLY_INTEGER: return .integer(reply.integer)
        case REDIS_REPLY_NIL: return .null
        case REDIS_REPLY_STRING: return .bytes(bytes(reply))
        case REDIS_REPLY_STATUS: return .status(String(decoding: bytes(reply), as: UTF8.self))
        case REDIS_REPLY_ERROR: return .error(String(decoding: bytes(reply), as: UTF8.self))
        case REDIS_REPLY_ARRAY:
            var items: [Reply] = []
            for index in 0..<Int(reply.elements) {
                guard let item = reply.element?[index] else { throw ProtocolViolation(detail: "an array lacks an element") }
                items.append(try value(item.pointee))
            }
            return .array(items)
        default: throw ProtocolViolation(detail: "a reply of unknown type \(reply.type)")
        }
    }

    private static func bytes(_ reply: redisReply) -> [UInt8] {
        guard let text = reply.str else { return [] }
        return Array(UnsafeRawBufferPointer(start: text, count: Int(reply.len)))
    }

    private var violation: ProtocolViolation {
        let text = withUnsafePointer(to: &reader.pointee.errstr) { pointer in
            pointer.withMemoryRebound(to: CChar.self, capacity: 128) { String(cString: $0) }
        }
        return ProtocolViolation(detail: text)
    }
}
