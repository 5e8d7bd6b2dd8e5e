/// Decimal text read exactly: money and prices never pass through a binary fraction.
package struct DecimalNumber: Hashable, Sendable {
    /// The value is `digits` x 10^`exponent`.
    package let digits: Int64
    package let exponent: Int

    /// Reads `12`, `0.50`, `1e-7`; nil for a sign, a lone dot, more than 18 significant digits or an exponent beyond +-60.
    package init?(_ text: some StringProtocol) {
        var digits: Int64 = 0
        var exponent = 0
        var seenDigit = false
        var seenDot = false
        var bytes = text.utf8[...]
        while let byte = bytes.first, byte != UInt8(ascii: "e"), byte != UInt8(ascii: "E") {
            bytes = bytes.dropFirst()
            if byte == UInt8(ascii: "."), !seenDot, seenDigit {
                seenDot = true
                continue
            }
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            seenDigit = true
            let (shifted, overflow) = digits.multipliedReportingOverflow(by: 10)
            let (next, carry) = shifted.addingReportingOverflow(Int64(byte - UInt8(ascii: "0")))
            guard !overflow, !carry else { return nil }
            digits = next
            if seenDot { exponent -= 1 }
        }
        guard seenDigit, exponent < 0 || !seenDot else { return nil }
        if !bytes.isEmpty {
            guard let power = Int(String(decoding: bytes.dropFirst(), as: UTF8.self)), (-60...60).contains(power) else { return nil }
            exponent += power
        }
        while digits != 0, digits % 10 == 0, exponent < 0 {
            digits /= 10
            exponent += 1
        }
        self.digits = digits
        self.exponent = digits == 0 ? 0 : exponent
    }

    /// The value in units of 10^-`places`; nil if it does not fit Int64, or is no whole number of them (see `roundingUp`).
    package func scaled(toPlaces places: Int, roundingUp: Bool = false) -> Int64? {
        var value = digits
        let shift = exponent + places
        if shift >= 0 {
            for _ in 0..<shift {
                let (next, overflow) = value.multipliedReportingOverflow(by: 10)
                guard !overflow else { return nil }
                value = next
            }
            return value
        }
        var lost = false
        for _ in 0..<(-shift) where value != 0 {
            lost = lost || value % 10 != 0
            value /= 10
        }
        if lost { return roundingUp ? value + 1 : nil }
        return value
    }
}
