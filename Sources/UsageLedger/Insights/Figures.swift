package import BudgetModel

/// Figures as sentences tell them: rounded to what a person reads, thousands set apart.
package enum Figures {
    /// `$1,234.57`, to the nearest cent; below a cent every digit: `$0.00875`.
    package static func dollars(_ microcents: Int64) -> String {
        let sign = microcents < 0 ? "-$" : "$"
        let amount = microcents.magnitude
        guard amount >= 1_000_000 else { return sign + Money.dollars(Int64(amount)) }
        let cents = (amount + 500_000) / 1_000_000
        return sign + count(Int64(cents / 100)) + "." + two(Int(cents % 100))
    }

    /// `1,234,567`
    package static func count(_ number: Int64) -> String {
        let digits = Array(String(number.magnitude))
        var text = number < 0 ? "-" : ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text.append(",") }
            text.append(digit)
        }
        return text
    }

    /// `1 request`, `2 requests`
    package static func count(_ number: Int64, _ noun: String) -> String { "\(count(number)) \(noun)\(number == 1 ? "" : "s")" }

    /// `$5.00`, `20,000 tokens`
    package static func amount(_ value: Int64, _ unit: AllowanceUnit) -> String {
        switch unit {
        case .usd: dollars(value)
        case .tokens: count(value, "token")
        case .inputTokens: count(value, "input token")
        case .outputTokens: count(value, "output token")
        case .requests: count(value, "request")
        case .inFlight: "\(count(value)) in flight"
        }
    }

    /// Whole percent of `part` in `whole`, cut off; 0 of nothing.
    package static func percent(_ part: Int64, of whole: Int64) -> Int64 {
        whole > 0 ? Int64(Int128(part) * 100 / Int128(whole)) : 0
    }

    /// A name as a sentence quotes it: callers chose it, so it may not end the line or look like the sentence's own words.
    package static func name(_ text: String?, none: String = "nobody's") -> String { text.map { "\"\($0)\"" } ?? none }
}

/// `amount` x `part` / `whole`, cut off; `Int64.max` where it does not fit.
func scaled(_ amount: Int64, by part: Int64, over whole: Int64) -> Int64 {
    guard whole > 0 else { return 0 }
    return Int64(clamping: Int128(amount) * Int128(part) / Int128(whole))
}
