import BudgetModel

/// One command in RESP: an array of arguments, each behind its length, so that they carry any bytes.
///
/// Written here and not by hiredis' formatter: that one needs the arguments as separate strings first, and prints their lengths
/// with `printf`. What Redis answers is read by hiredis (``ReplyReader``).
package struct Command: Sendable {
    /// The arguments in RESP, without the array's own head.
    private(set) var bytes: [UInt8] = []
    private(set) var count = 0

    package init() {}

    /// - Parameter capacity: bytes it will need, about.
    init(capacity: Int) { bytes.reserveCapacity(capacity) }

    package init(_ words: String...) {
        for word in words { append(word) }
    }

    /// `*3\r\n`
    var head: String { "*\(count)\r\n" }

    package mutating func append(_ text: String) { append(length: text.utf8.count) { $0.append(contentsOf: text.utf8) } }

    package mutating func append(_ argument: [UInt8]) { append(length: argument.count) { $0.append(contentsOf: argument) } }

    /// Adds an argument that `write` puts at the end of the buffer.
    package mutating func append(_ write: (inout [UInt8]) -> Void) {
        // Room for the two digits of most lengths.
        let start = bytes.count
        bytes.append(contentsOf: "$00\r\n".utf8)
        write(&bytes)
        let length = bytes.count - start - 5
        if 10...99 ~= length {
            bytes[start + 1] = UInt8(ascii: "0") + UInt8(length / 10)
            bytes[start + 2] = UInt8(ascii: "0") + UInt8(length % 10)
        } else {
            bytes.replaceSubrange((start + 1)..<(start + 3), with: String(length).utf8)
        }
        close()
    }

    /// Adds an argument of exactly `length` bytes.
    package mutating func append(length: Int, _ write: (inout [UInt8]) -> Void) {
        bytes.append(UInt8(ascii: "$"))
        appendDecimal(Int64(length), to: &bytes)
        bytes.append(contentsOf: "\r\n".utf8)
        let end = bytes.count + length
        write(&bytes)
        precondition(bytes.count == end, "an argument of \(length) bytes has \(length + bytes.count - end)")
        close()
    }

    /// Adds all arguments of another command.
    package mutating func append(contentsOf other: Command) {
        bytes.append(contentsOf: other.bytes)
        count += other.count
    }

    private mutating func close() {
        bytes.append(UInt8(ascii: "\r"))
        bytes.append(UInt8(ascii: "\n"))
        count += 1
    }
}
