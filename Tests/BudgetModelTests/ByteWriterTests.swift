import BudgetModel
import TestSupport
import Testing

@Suite struct ByteWriterTests {
    @Test func itHoldsWhatAnArrayWouldHoldWhateverItsRoom() {
        var random = SeededGenerator(seed: 11)
        for capacity in [0, 1, 7, 64, 4_096] {
            var writer = ByteWriter(capacity: capacity)
            var expected: [UInt8] = []
            for _ in 0..<500 { appendPiece(to: &writer, &expected, &random) }
            let (bytes, count) = (writer.bytes, writer.count)
            #expect(bytes == expected && count == expected.count)
            let lent = writer.withBytes { Array($0) }
            #expect(lent == expected)
        }
    }

    private func appendPiece(to writer: inout ByteWriter, _ expected: inout [UInt8], _ random: inout SeededGenerator) {
        let piece = (0..<Int.random(in: 0..<40, using: &random)).map { _ in UInt8.random(in: 0x20...0x7E, using: &random) }
        switch Int.random(in: 0..<6, using: &random) {
        case 0:
            writer.append(0xFF)
            expected.append(0xFF)
        case 1:
            writer.append(piece)
            expected += piece
        case 2:
            writer.append(utf8: String(decoding: piece, as: UTF8.self))
            expected += piece
        case 3:
            writer.append("literal")
            expected += "literal".utf8
        case 4:
            let number = Int64.random(in: .min ... .max, using: &random) >> Int64.random(in: 0..<64, using: &random)
            writer.append(decimal: number)
            expected += String(number).utf8
        default:
            writer.append(bytesOf: UInt32(0x0102_0304).bigEndian)
            expected += [1, 2, 3, 4]
        }
    }

    @Test(arguments: [0, 9, 10, 99, 100, 999_999_999_999_999_999, 1_000_000_000_000_000_000, Int64.max, -1, Int64.min])
    func decimalsAreThoseOfTheStandardLibrary(_ number: Int64) {
        var writer = ByteWriter()
        writer.append(decimal: number)
        #expect(writer.text == String(number))
        #expect(ByteWriter.digits(of: number.magnitude) == String(number.magnitude).utf8.count)
    }

    @Test func theLargestNumberHasTwentyDigits() { #expect(ByteWriter.digits(of: .max) == 20) }

    @Test(arguments: [0, 7, 42, 100, 123_456])
    func aNumberTakesThePlaceOfWrittenBytesAndWhatFollowsMovesAlong(_ number: Int) {
        var writer = ByteWriter(capacity: 8)
        writer.append("<00>rest")
        writer.replace(1..<3, decimal: number)
        writer.append("!")
        #expect(writer.text == "<\(number)>rest!")
    }

    @Test(arguments: [0, 1, 16, 17, 18, 2_000])
    func whatOutgrowsTheRoomItWasLentIsWholeAllTheSame(capacity: Int) {
        let bytes = ByteWriter.bytes(capacity: capacity) { writer in
            for number in 0..<300 { writer.append(decimal: Int64(number)) }
            writer.replace(at: 0, length: 1) { $0.pointee = UInt8(ascii: "x") }
        }
        #expect(String(decoding: bytes, as: UTF8.self) == "x" + (1..<300).map(String.init).joined())
    }

    @Test func base64ReadsBackWhatItWroteAndNothingElse() {
        var random = SeededGenerator(seed: 3)
        for length in 0..<100 {
            let bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
            let text = Base64URL.encode(bytes)
            #expect(Base64URL.decode(text) == bytes)
            #expect(Base64URL.decode(Array(text) + [UInt8(ascii: "=")]) == nil)
        }
        // RFC 4648, section 10, in the alphabet for URLs.
        #expect(Base64URL.encode(Array("foobar".utf8)) == Array("Zm9vYmFy".utf8))
        #expect(Base64URL.encode([0xFB, 0xFF]) == Array("-_8".utf8))
        for foreign in ["-_9", "-", "+/8", "a b", "\u{E9}a"] { #expect(Base64URL.decode(foreign.utf8) == nil) }
    }
}
