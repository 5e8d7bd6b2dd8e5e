import BudgetModel
import TestSupport
import Testing

@Suite struct NumberTests {
    @Test(
        arguments: [
            ("12", 12_000), ("0.5", 500), ("0.500", 500), ("1e-3", 1), ("1.5E1", 15_000), ("0", 0),
        ] as [(String, Int64)])
    func aDecimalIsReadExactly(text: String, thousandths: Int64) {
        #expect(DecimalNumber(text)?.scaled(toPlaces: 3) == thousandths)
    }

    @Test(arguments: [
        "", ".5", "-1", "+1", "1.", "1.2.3", "1e", "0x10", "NaN", "1e999", "1e-9223372036854775808", "99999999999999999999",
    ])
    func whatIsNoPlainDecimalIsNone(text: String) {
        #expect(DecimalNumber(text) == nil)
    }

    @Test func whatIsFinerThanTheScaleIsRefusedOrRoundedUp() {
        #expect(DecimalNumber("0.0001")?.scaled(toPlaces: 3) == nil)
        #expect(DecimalNumber("0.0001")?.scaled(toPlaces: 3, roundingUp: true) == 1)
    }

    @Test(
        arguments: [
            (0, "0"), (1, "0.00000001"), (52_500, "0.000525"), (100_000_000, "1"), (1_500_000_000_000, "15000"),
            (-1, "-0.00000001"), (-150_000_000, "-1.5"), (-200_000_000, "-2"),
            (Amount.maximum, "90071992.54740991"),
        ] as [(Int64, String)])
    func moneyShowsWithoutExponentOrTrailingZeros(microcents: Int64, text: String) {
        #expect(Money.dollars(microcents) == text)
    }

    @Test func percentagesAreExactAndRoundDown() {
        #expect(Percentage("80%")?.share(of: 7) == 5)
        #expect(Percentage("12.5%")?.share(of: 1_000) == 125)
        #expect(Percentage("100%")?.share(of: Amount.maximum) == Amount.maximum)
        #expect(Percentage("80") == nil)
        #expect(Percentage("1001%") == nil)
    }

    @Test func base64URLIsReadBackAndHasOneTextPerValue() {
        var random = SeededGenerator(seed: 3)
        for length in 0..<50 {
            let bytes = (0..<length).map { _ in UInt8.random(in: .min ... .max, using: &random) }
            #expect(Base64URL.decode(Base64URL.encode(bytes)) == bytes)
        }
        #expect(Base64URL.decode(Array("AB".utf8)) == nil)
        #expect(Base64URL.decode(Array("A".utf8)) == nil)
        #expect(Base64URL.decode(Array("A+==".utf8)) == nil)
    }

    @Test func idsAreComparedByBytes() {
        #expect(Identifier("caf\u{E9}") != Identifier("cafe\u{301}"))
        #expect(Set([Identifier("caf\u{E9}"), Identifier("cafe\u{301}")]).count == 2)
    }

    @Test(arguments: [
        ("a", true), (String(repeating: "a", count: 256), true), (String(repeating: "a", count: 257), false), ("", false),
        ("a\u{0}", false), ("a\u{1F}", false), ("\u{7F}", false), ("\u{80}", false), ("\u{9F}", false), ("\u{A0}", true),
        ("{", true), ("\u{1F600}", true),
    ])
    func anIdIsUpTo256BytesWithoutControlCharacters(text: String, isValid: Bool) {
        #expect(Identifier(text).isValid == isValid)
    }
}
