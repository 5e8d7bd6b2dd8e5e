/// Money is an integer count of microcents, 1e-8 USD, in every counter and every ledger row.
package enum Money {
    /// Decimal places of a dollar that a microcent is.
    package static let places = 8

    /// `52500` microcents -> `0.000525`: decimal dollars without exponent or trailing zeros.
    package static func dollars(_ microcents: Int64) -> String {
        var bytes: [UInt8] = []
        appendDollars(microcents, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Below nothing, as a report's corrections may be, with a minus in front.
    package static func appendDollars(_ microcents: Int64, to bytes: inout [UInt8]) {
        if microcents < 0 { bytes.append(UInt8(ascii: "-")) }
        let (whole, fraction) = microcents.magnitude.quotientAndRemainder(dividingBy: 100_000_000)
        appendDecimal(Int64(whole), to: &bytes)
        guard fraction != 0 else { return }
        bytes.append(UInt8(ascii: "."))
        var rest = fraction
        var scale: UInt64 = 10_000_000
        while rest != 0 {
            bytes.append(UInt8(ascii: "0") + UInt8(rest / scale))
            rest %= scale
            scale /= 10
        }
    }
}

/// Decimal digits of a number; `value` may be negative.
package func appendDecimal(_ value: Int64, to bytes: inout [UInt8]) {
    // At most 19 digits and a sign, written from the end.
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
        var at = 20
        var rest = value.magnitude
        repeat {
            at -= 1
            digits[at] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        } while rest != 0
        if value < 0 {
            at -= 1
            digits[at] = UInt8(ascii: "-")
        }
        bytes.append(contentsOf: UnsafeBufferPointer(rebasing: digits[at...]))
    }
}
