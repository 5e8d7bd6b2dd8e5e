package import BudgetModel
package import NIOCore

/// One command in RESP: an array of arguments, each behind its length, so that they carry any bytes.
///
/// Written here and not by hiredis' formatter: that one needs the arguments as separate strings first, and prints their lengths
/// with `printf`. What Redis answers is read by hiredis (``ReplyReader``).
package struct Command: ~Copyable, Sendable {
    /// The arguments in RESP, without the array's own head.
    private var bytes: ByteWriter
    private(set) var count = 0

    package init() { self.init(capacity: 256) }

    /// - Parameter capacity: bytes it will need, about.
    init(capacity: Int) { bytes = ByteWriter(capacity: capacity) }

    package init(_ words: String...) { self.init(words) }

    package init(_ words: [String]) {
        self.init()
        for word in words { append(word) }
    }

    package mutating func append(_ text: String) {
        open(length: text.utf8.count)
        bytes.append(utf8: text)
        close()
    }

    package mutating func append(_ argument: [UInt8]) {
        open(length: argument.count)
        bytes.append(argument)
        close()
    }

    /// Adds an argument that `write` puts at the end of the buffer.
    package mutating func append(_ write: (inout ByteWriter) -> Void) {
        // Room for the two digits of most lengths.
        bytes.append("$00\r\n")
        let start = bytes.count
        write(&bytes)
        bytes.replace((start - 4)..<(start - 2), decimal: bytes.count - start)
        close()
    }

    /// Adds an argument of exactly `length` bytes.
    package mutating func append(length: Int, _ write: (inout ByteWriter) -> Void) {
        open(length: length)
        let end = bytes.count + length
        write(&bytes)
        precondition(bytes.count == end, "an argument of \(length) bytes has \(length + bytes.count - end)")
        close()
    }

    /// Adds all arguments of another command.
    package mutating func append(contentsOf other: borrowing Command) {
        bytes.append(other.bytes)
        count += other.count
    }

    /// Puts the command at the end of `buffer`: `*3\r\n`, then the arguments.
    package func write(to buffer: inout ByteBuffer) {
        let digits = ByteWriter.digits(of: UInt64(count))
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: digits + 3) { room in
            Self.write("*", count, digits: digits, to: room.baseAddress!.assumingMemoryBound(to: UInt8.self))
            return digits + 3
        }
        bytes.withBytes { _ = buffer.writeBytes($0) }
    }

    /// The line before an array or an argument: what it is, and how long.
    private static func write(_ mark: Unicode.Scalar, _ length: Int, digits: Int, to line: UnsafeMutablePointer<UInt8>) {
        line[0] = UInt8(ascii: mark)
        ByteWriter.write(UInt64(length), digits: digits, to: line + 1)
        line[digits + 1] = UInt8(ascii: "\r")
        line[digits + 2] = UInt8(ascii: "\n")
    }

    private mutating func open(length: Int) {
        let digits = ByteWriter.digits(of: UInt64(length))
        bytes.append(length: digits + 3) { Self.write("$", length, digits: digits, to: $0) }
    }

    private mutating func close() {
        bytes.append("\r\n")
        count += 1
    }
}
