import BudgetModel
import Testing

@Suite struct HexadecimalTests {
    @Test func everyByteHasTwoDigits() {
        #expect(hexadecimal([] as [UInt8]) == "")
        #expect(hexadecimal([0, 15, 16, 171, 255] as [UInt8]) == "000f10abff")
    }

    @Test func aNumberHasAllItsDigits() {
        #expect(hexadecimalDigits(of: 0) == "0000000000000000")
        #expect(hexadecimalDigits(of: 0xBEEF, count: 8) == "0000beef")
        #expect(hexadecimalDigits(of: .max) == "ffffffffffffffff")
    }
}
