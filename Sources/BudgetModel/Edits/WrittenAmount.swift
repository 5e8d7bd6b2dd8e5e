/// An amount as a request writes it. What it means depends on the unit of the allowance it is for: whole numbers, or dollars.
package struct WrittenAmount: Hashable, Sendable {
    package let text: String

    package init(_ text: String) { self.text = text }

    /// The amount in the unit: dollars with at most eight places become microcents, everything else is plain digits.
    /// - Throws: ``EditError/invalid(pointer:_:)`` or ``EditError/amountTooLarge(pointer:_:)`` with the field's pointer.
    package func value(in unit: AllowanceUnit, pointer: String) throws(EditError) -> Int64 {
        let (number, places) = (DecimalNumber(text), unit == .usd ? Money.places : 0)
        guard let number, unit == .usd || text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            // Plain digits that are no number here are too many.
            if !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
                throw .amountTooLarge(pointer: pointer, unit)
            }
            throw .invalid(pointer: pointer, Self.rule(unit))
        }
        guard let value = number.scaled(toPlaces: places) else {
            // Too many places, or too large even for counting them.
            throw number.exponent < -places ? .invalid(pointer: pointer, Self.rule(unit)) : .amountTooLarge(pointer: pointer, unit)
        }
        guard value <= Amount.maximum else { throw .amountTooLarge(pointer: pointer, unit) }
        return value
    }

    private static func rule(_ unit: AllowanceUnit) -> String {
        unit == .usd
            ? "Must be decimal dollars of 0 or more, with at most \(Money.places) places."
            : "Must be a whole number of 0 or more, in plain digits: the allowance counts \(unit.rawValue)."
    }
}
