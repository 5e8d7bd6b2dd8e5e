import Yams

extension PolicyNode {
    /// A whole number: digits only, so that nobody wonders what `1e3`, `1_000` or `"5"` would mean.
    func wholeNumber(_ range: ClosedRange<Int64> = 0...Amount.maximum, example: Int64 = 50_000) throws(PolicyError) -> Int64 {
        let least = range.lowerBound
        let isAmount = range.upperBound == Amount.maximum
        let advice =
            isAmount
            ? "write a whole number of \(least) or more, such as \(example)"
            : "write a whole number from \(least) to \(range.upperBound)"
        let text = try unsigned(advice)
        guard text.utf8.allSatisfy(isDigit) else { throw refusal("\(quoted(text)) is no whole number", advice) }
        guard let value = Int64(text), value <= range.upperBound else {
            throw refusal("\(text.prefix(64)) is too large", isAmount ? "write at most \(Amount.maximum)" : advice)
        }
        guard value >= least else { throw refusal("\(value) is too small", advice) }
        return value
    }

    /// A decimal number in units of 10^-`places`, exactly; `maximum` is in those units.
    func decimal(places: Int, maximum: Int64, example: String) throws(PolicyError) -> Int64 {
        let advice = "write a decimal number of 0 or more, such as \(example)"
        let text = try unsigned(advice)
        guard let number = DecimalNumber(text) else {
            throw refusal("\(quoted(text)) is no plain decimal number of up to 18 digits", advice)
        }
        guard let bound = number.scaled(toPlaces: places, roundingUp: true), bound <= maximum else {
            throw refusal("\(text) is too large", "write at most \(decimalText(maximum, places: places))")
        }
        guard let value = number.scaled(toPlaces: places) else {
            throw refusal("\(text) is too fine", "write at most \(places) decimal places")
        }
        return value
    }

    /// Dollars, as microcents.
    func dollars(example: String = "15.00") throws(PolicyError) -> Int64 {
        try decimal(places: Money.places, maximum: Amount.maximum, example: example)
    }

    /// The text of a number that is neither quoted nor negative nor written with a leading zero (octal, to some).
    private func unsigned(_ advice: String) throws(PolicyError) -> String {
        let scalar = try scalar(advice)
        let text = scalar.string
        if scalar.style != .plain {
            let isNumber = PlainKind(text) == .number
            throw refusal("is \(kind)", isNumber ? "write the number without quotes: \(text.prefix(64))" : advice)
        }
        guard PlainKind(text) == .number else { throw refusal("is \(kind), where a number is due", advice) }
        guard text.first != "-" else { throw refusal("\(quoted(text)) is negative", advice) }
        let digits = text.utf8.prefix(2)
        guard digits.first != UInt8(ascii: "0") || !digits.dropFirst().allSatisfy(isDigit) || digits.count == 1 else {
            throw refusal("\(quoted(text)) begins with a zero", advice)
        }
        return text
    }

    /// `80%`, up to `most`.
    func percentage(upTo most: Percentage? = nil) throws(PolicyError) -> Percentage {
        let scalar = try scalar("write a percentage such as 80%")
        let text = scalar.string
        guard text.last == "%" else {
            let isNumber = scalar.style == .plain && PlainKind(text) == .number && !text.contains(".")
            throw refusal("\(quoted(text)) is no percentage", "write \(isNumber ? text + "%" : "a percentage such as 80%")")
        }
        guard let value = Percentage(text) else {
            throw refusal(
                "\(quoted(text)) is no percentage from 0% to 1000% with at most 3 decimals", "write a percentage such as 80%")
        }
        if let most, value.parts > most.parts {
            throw refusal("\(text) is too large", "write at most \(decimalText(most.parts, places: 3))%")
        }
        return value
    }
}

/// `value` in units of 10^-`places` as a decimal number without exponent or trailing zeros.
func decimalText(_ value: Int64, places: Int) -> String {
    var digits = Array(String(value).utf8)
    if digits.count <= places {
        digits.insert(contentsOf: repeatElement(UInt8(ascii: "0"), count: places + 1 - digits.count), at: 0)
    }
    var fraction = digits.suffix(places)
    while fraction.last == UInt8(ascii: "0") { fraction.removeLast() }
    let whole = String(decoding: digits.dropLast(places), as: UTF8.self)
    return fraction.isEmpty ? whole : whole + "." + String(decoding: fraction, as: UTF8.self)
}
