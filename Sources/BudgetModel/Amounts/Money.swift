/// Money is an integer count of microcents, 1e-8 USD, in every counter and every ledger row.
package enum Money {
    /// Decimal places of a dollar that a microcent is.
    package static let places = 8

    /// `52500` microcents -> `0.000525`: decimal dollars without exponent or trailing zeros.
    package static func dollars(_ microcents: Int64) -> String {
        var text = ByteWriter()
        text.append(dollars: microcents)
        return text.text
    }
}

extension ByteWriter {
    /// Microcents as ``Money/dollars(_:)``; below nothing, as a report's corrections may be, with a minus in front.
    package mutating func append(dollars microcents: Int64) {
        if microcents < 0 { append(UInt8(ascii: "-")) }
        let (whole, fraction) = microcents.magnitude.quotientAndRemainder(dividingBy: 100_000_000)
        append(decimal: Int64(whole))
        guard fraction != 0 else { return }
        append(UInt8(ascii: "."))
        var (digits, rest) = (Money.places, fraction)
        while rest % 10 == 0 { (digits, rest) = (digits - 1, rest / 10) }
        append(length: digits) { Self.write(rest, digits: digits, to: $0) }
    }
}
