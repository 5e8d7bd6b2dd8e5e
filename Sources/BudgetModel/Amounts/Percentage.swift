/// A share of a limit, exact to a thousandth of a percent.
package struct Percentage: Hashable, Sendable {
    /// Parts of 100,000: 80 % is 80,000.
    package let parts: Int64
    package static let whole: Int64 = 100_000
    package static let zero = Percentage(parts: 0)

    package init(parts: Int64) { self.parts = parts }

    /// Reads `80%` or `12.5%`; nil for anything else, or above 1,000 %.
    package init?(_ text: some StringProtocol) {
        guard text.last == "%", let number = DecimalNumber(text.dropLast()), let parts = number.scaled(toPlaces: 3),
            parts <= 10 * Self.whole
        else { return nil }
        self.parts = parts
    }

    /// `12.5%`, without trailing zeros.
    package var text: String { decimalText(parts, places: 3) + "%" }

    package static func + (a: Percentage, b: Percentage) -> Percentage { Percentage(parts: a.parts + b.parts) }

    /// That share of `amount`, rounded down: an integer need fits a fraction only up to its floor.
    package func share(of amount: Int64) -> Int64 {
        let (high, low) = amount.multipliedFullWidth(by: parts)
        return Self.whole.dividingFullWidth((high, low)).quotient
    }
}
