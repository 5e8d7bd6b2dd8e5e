import CHiredis

/// The arguments of one command, back to back: binary safe, one growing buffer instead of a string each.
package struct Arguments: Sendable {
    private(set) var bytes: [UInt8] = []
    private(set) var ends: [Int] = []

    package init() {
        bytes.reserveCapacity(768)
        ends.reserveCapacity(32)
    }

    package init(_ words: String...) {
        for word in words { append(word) }
    }

    package var count: Int { ends.count }

    package mutating func append(_ text: String) {
        bytes.append(contentsOf: text.utf8)
        ends.append(bytes.count)
    }

    package mutating func append(_ argument: [UInt8]) {
        bytes.append(contentsOf: argument)
        ends.append(bytes.count)
    }

    /// Adds an argument that `write` puts at the end of the buffer.
    package mutating func append(_ write: (inout [UInt8]) -> Void) {
        write(&bytes)
        ends.append(bytes.count)
    }
}

/// hiredis' command formatter: arguments with lengths, never a format string.
package enum CommandEncoder {
    /// The command in RESP, handed to `body`; the memory is gone afterwards.
    package static func encode<Result>(_ arguments: Arguments, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        var target: UnsafeMutablePointer<CChar>?
        let length = arguments.bytes.withUnsafeBufferPointer { bytes in
            bytes.withMemoryRebound(to: CChar.self) { characters in
                var starts: [UnsafePointer<CChar>?] = []
                var lengths: [Int] = []
                starts.reserveCapacity(arguments.count)
                lengths.reserveCapacity(arguments.count)
                var start = 0
                for end in arguments.ends {
                    starts.append(characters.baseAddress.map { $0 + start })
                    lengths.append(end - start)
                    start = end
                }
                return redisFormatCommandArgv(&target, Int32(arguments.count), &starts, lengths)
            }
        }
        guard length >= 0, let target else { fatalError("hiredis cannot allocate a command") }
        defer { redisFreeCommand(target) }
        return body(UnsafeRawBufferPointer(start: target, count: Int(length)))
    }
}
