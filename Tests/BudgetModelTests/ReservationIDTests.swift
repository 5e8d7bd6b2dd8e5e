import BudgetModel
import TestSupport
import Testing

@Suite struct ReservationIDTests {
    private static func example(user: String = "u_42", nonce: String = ".AbC", model: String = "gpt-4o") -> ReservationID {
        ReservationID(
            user: Identifier(user), nonce: Array(nonce.utf8),
            seal: Seal(issued: 1_795_000_000_123, environment: EnvironmentTag("prod")),
            model: Identifier(model), priceClass: .batch, priceVersion: PriceVersion(bytes: 0xFEED_0000_1234_5678),
            inputTokens: Amount.maximum)
    }

    @Test func anIdIsReadBackWhole() {
        let id = Self.example()
        #expect(ReservationID(id.text) == id)
    }

    @Test func theLongestIdFits() {
        let long = String(repeating: "\u{1F600}", count: 64)
        let id = Self.example(user: long, nonce: "=" + String(repeating: "k", count: 128), model: long)
        #expect(id.text.utf8.count <= ReservationID.maximumLength)
        #expect(ReservationID(id.text) == id)
        #expect(id.text.utf8.allSatisfy { (0x21...0x7E).contains($0) })
    }

    @Test func whatWeDidNotMakeIsNone() {
        let text = Self.example().text
        for bad in ["", "tb1_", "tb1", "rsv_1", text + "A", String(text.dropLast()), "x" + text, text.replacing("tb1_", with: "tb2_")] {
            #expect(ReservationID(bad) == nil, "\(bad)")
        }
    }

    @Test func noChangedIdTraps() {
        var random = SeededGenerator(seed: 5)
        let text = Array(Self.example().text.utf8)
        for _ in 0..<5_000 {
            var changed = text
            for _ in 0...Int.random(in: 0..<3, using: &random) {
                changed[Int.random(in: 4..<changed.count, using: &random)] = UInt8.random(in: 0x2D...0x7A, using: &random)
            }
            _ = ReservationID(String(decoding: changed, as: UTF8.self))
        }
    }
}
