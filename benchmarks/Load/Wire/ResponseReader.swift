import NIOCore

/// Takes HTTP/1.1 answers out of what a connection brings, however it is cut. Knows what this service sends: a status line,
/// fields and a body of the length they name.
struct ResponseReader {
    struct Response: Hashable {
        var status: Int
        var body: ByteBuffer
        /// The server closes the connection after it.
        var closes: Bool
    }

    /// Not an answer this reader knows, or one that is too large.
    struct Malformed: Error {}

    private static let longestHead = 16 << 10

    private var received = ByteBuffer()

    /// Nothing of an answer has come yet.
    var isEmpty: Bool { received.readableBytes == 0 }

    mutating func append(_ bytes: ByteBuffer) {
        // Nearly always an answer comes in one piece: then nothing is copied.
        if received.readableBytes == 0 {
            received = bytes
        } else {
            received.writeImmutableBuffer(bytes)
        }
    }

    /// The next answer; nil while it is not whole.
    mutating func next() throws(Malformed) -> Response? {
        guard let head = try head() else { return nil }
        guard received.readableBytes >= head.length + head.bodyLength else { return nil }
        received.moveReaderIndex(forwardBy: head.length)
        guard let body = received.readSlice(length: head.bodyLength) else { return nil }
        if received.readableBytes == 0 { received = ByteBuffer() }
        return Response(status: head.status, body: body, closes: head.closes)
    }

    // MARK: Head

    private struct Head {
        var length: Int
        var status: Int
        var bodyLength: Int
        var closes: Bool
    }

    private func head() throws(Malformed) -> Head? {
        let found = received.withUnsafeReadableBytes { bytes in
            Self.endOfHead(bytes).map { (Self.parse(UnsafeRawBufferPointer(rebasing: bytes[..<$0]))) }
        }
        switch found {
        case .some(.some(let head)): return head
        case .some(.none): throw Malformed()
        case .none:
            guard received.readableBytes <= Self.longestHead else { throw Malformed() }
            return nil
        }
    }

    private static func endOfHead(_ bytes: UnsafeRawBufferPointer) -> Int? {
        var index = 3
        while index < bytes.count {
            if bytes[index] == 0x0A, bytes[index - 1] == 0x0D, bytes[index - 2] == 0x0A, bytes[index - 3] == 0x0D {
                return index + 1
            }
            index += 1
        }
        return nil
    }

    /// - Parameter bytes: a head with the blank line at its end.
    private static func parse(_ bytes: UnsafeRawBufferPointer) -> Head? {
        guard bytes.count > 14, bytes.holds("HTTP/1.1 ", at: 0..<9), let status = bytes.number(at: 9..<12), status >= 200 else {
            return nil
        }
        var head = Head(length: bytes.count, status: Int(status), bodyLength: -1, closes: false)
        var start = 0
        for index in bytes.indices where bytes[index] == 0x0A {
            guard field(bytes, start..<(index - 1), &head) else { return nil }
            start = index + 1
        }
        return head.bodyLength >= 0 ? head : nil
    }

    /// false when the line says something this reader cannot follow.
    private static func field(_ bytes: UnsafeRawBufferPointer, _ line: Range<Int>, _ head: inout Head) -> Bool {
        if let value = value("content-length", bytes, line) {
            guard let length = bytes.number(at: value), length <= LoadLimits.answer else { return false }
            head.bodyLength = Int(length)
        } else if let value = value("connection", bytes, line) {
            head.closes = bytes.text(at: value).lowercased() == "close"
        } else if value("transfer-encoding", bytes, line) != nil {
            return false
        }
        return true
    }

    /// Where a field's value stands, if the line is that field.
    private static func value(_ name: StaticString, _ bytes: UnsafeRawBufferPointer, _ line: Range<Int>) -> Range<Int>? {
        let length = name.utf8CodeUnitCount
        guard line.count > length, bytes[line.lowerBound + length] == UInt8(ascii: ":") else { return nil }
        for index in 0..<length {
            // Letters differ from their capitals in one bit; the hyphen has it set already.
            guard bytes[line.lowerBound + index] | 0x20 == name.utf8Start[index] else { return nil }
        }
        var value = (line.lowerBound + length + 1)..<line.upperBound
        while let first = value.first, bytes[first] == 0x20 { value.removeFirst() }
        while let last = value.last, bytes[last] == 0x20 { value.removeLast() }
        return value
    }
}
