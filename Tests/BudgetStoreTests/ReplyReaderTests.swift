import BudgetModel
@testable import BudgetStore
import TestSupport
import NIOCore
import Testing

/// hiredis' reader behind our own type: exact bytes in, replies out.
@Suite struct ReplyReaderTests {
    private static let stream: [(String, Reply)] = [
        (":42\r\n", .integer(42)), (":-9007199254740991\r\n", .integer(-9_007_199_254_740_991)), ("+OK\r\n", .status("OK")),
        ("-NOSCRIPT No matching script\r\n", .error("NOSCRIPT No matching script")), ("$-1\r\n", .null), ("*-1\r\n", .null),
        ("$0\r\n\r\n", .bytes([])), ("$5\r\na\r\n\0b\r\n", .bytes([0x61, 0x0D, 0x0A, 0x00, 0x62])),
        ("*3\r\n:1\r\n$1\r\nx\r\n*1\r\n+y\r\n", .array([.integer(1), .bytes([0x78]), .array([.status("y")])])),
    ]

    private func feed(_ reader: inout ReplyReader, _ bytes: [UInt8]) throws {
        try bytes.withUnsafeBytes { try reader.feed($0) }
    }

    @Test func repliesAreReadByteByByte() throws {
        var reader = ReplyReader()
        var replies: [Reply] = []
        for byte in Self.stream.map(\.0).joined().utf8 {
            try feed(&reader, [byte])
            while let reply = try reader.next() { replies.append(reply) }
        }
        #expect(replies == Self.stream.map(\.1))
    }

    @Test func manyRepliesComeOutOfOneRead() throws {
        var reader = ReplyReader()
        try feed(&reader, Array(Self.stream.map(\.0).joined().utf8))
        for (_, expected) in Self.stream {
            let reply = try reader.next()
            #expect(reply == expected)
        }
        let rest = try reader.next()
        #expect(rest == nil)
    }

    @Test(arguments: [
        "%2\r\n", "!3\r\nabc\r\n", "hello\r\n", ":12a\r\n", "$abc\r\n", "\0\0\0\r\n",
    ])
    func whatIsNoRESP2IsAViolation(text: String) {
        var reader = ReplyReader()
        do {
            try feed(&reader, Array(text.utf8))
            while try reader.next() != nil {}
            Issue.record("\(text.prefix(20)) was read")
        } catch {
            #expect(error is ProtocolViolation)
        }
    }

    @Test func anAbyssOfArraysIsAViolation() {
        var reader = ReplyReader()
        do {
            try feed(&reader, Array(String(repeating: "*1\r\n", count: 100_000).utf8))
            while try reader.next() != nil {}
            Issue.record("it was read")
        } catch {
            #expect(error is ProtocolViolation)
        }
    }

    @Test(arguments: ["*1073741824\r\n", "*9223372036854775807\r\n", "$9223372036854775807\r\nx"])
    func aHugeAnnouncementTakesNoMemory(text: String) throws {
        var reader = ReplyReader()
        do {
            try feed(&reader, Array(text.utf8))
            let reply = try reader.next()
            #expect(reply == nil)
        } catch {
            #expect(error is ProtocolViolation)
        }
    }

    @Test func aReplyThatNeverEndsIsRefused() throws {
        var reader = ReplyReader()
        try feed(&reader, Array("$900000000\r\n".utf8))
        let chunk = [UInt8](repeating: 0x61, count: 1 << 20)
        do {
            for _ in 0..<64 {
                try feed(&reader, chunk)
                _ = try reader.next()
            }
            Issue.record("64 MiB of one reply were taken")
        } catch {
            #expect(error is ProtocolViolation)
        }
    }

    @Test func aCommandCarriesAnyBytes() {
        var command = Command("SET", "k\r\n$5")
        command.append([0x00, 0xFF, 0x0D, 0x0A])
        command.append("")
        let text = "*4\r\n$3\r\nSET\r\n$5\r\nk\r\n$5\r\n$4\r\n"
        let expected: [UInt8] = Array(text.utf8) + [0x00, 0xFF, 0x0D, 0x0A] + Array("\r\n$0\r\n\r\n".utf8)
        #expect(written(command) == expected)
    }

    @Test(arguments: [0, 1, 9, 10, 99, 100, 999, 70_000])
    func anArgumentWrittenInPlaceHasTheLengthItTurnsOutToHave(_ length: Int) {
        let argument = [UInt8](repeating: 7, count: length)
        var command = Command()
        command.append { $0.append(argument) }
        let expected: [UInt8] = Array("*1\r\n$\(length)\r\n".utf8) + argument + [0x0D, 0x0A]
        #expect(written(command) == expected)
    }

    @Test(arguments: [0, 9, 10, 12_345])
    func anArraysHeadCountsItsArguments(_ count: Int) {
        var command = Command()
        for _ in 0..<count { command.append("x") }
        let expected = "*\(count)\r\n" + String(repeating: "$1\r\nx\r\n", count: count)
        #expect(written(command) == Array(expected.utf8))
    }

    private func written(_ command: borrowing Command) -> [UInt8] {
        var buffer = ByteBuffer(string: "before")
        command.write(to: &buffer)
        return Array(buffer.readableBytesView.dropFirst("before".utf8.count))
    }
}
