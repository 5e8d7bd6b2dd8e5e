import BudgetModel
import Testing

/// An amount means what its allowance's unit makes of it, exactly or not at all.
@Suite struct WrittenAmountTests {
    @Test(arguments: [
        ("0", AllowanceUnit.tokens, 0), ("80000", .tokens, 80_000), ("9007199254740991", .requests, 9_007_199_254_740_991),
        ("0", .usd, 0), ("0.50", .usd, 50_000_000), ("12", .usd, 1_200_000_000), ("1e-8", .usd, 1), ("0.00000001", .usd, 1),
        ("90071992.54740991", .usd, 9_007_199_254_740_991),
    ]) func whatIsAnAmount(text: String, unit: AllowanceUnit, value: Int64) throws {
        #expect(try WrittenAmount(text).value(in: unit, pointer: "/a") == value)
    }

    @Test(arguments: [
        ("9007199254740992", AllowanceUnit.tokens), ("99999999999999999999", .tokens), ("90071992.54740992", .usd), ("1e20", .usd),
    ]) func whatIsTooMuch(text: String, unit: AllowanceUnit) {
        #expect(throws: EditError.amountTooLarge(pointer: "/a", unit)) { try WrittenAmount(text).value(in: unit, pointer: "/a") }
    }

    @Test(arguments: [
        ("", AllowanceUnit.tokens), ("-1", .tokens), ("1.0", .tokens), ("1e3", .inFlight), ("-0.5", .usd), ("0.000000001", .usd),
        ("1e-9", .usd), ("", .usd), ("x", .usd),
    ]) func whatIsNone(text: String, unit: AllowanceUnit) {
        let error = #expect(throws: EditError.self) { try WrittenAmount(text).value(in: unit, pointer: "/a") }
        guard case .invalid(pointer: "/a", _) = error else {
            Issue.record("\(text) \(unit): \(String(describing: error))")
            return
        }
    }
}
