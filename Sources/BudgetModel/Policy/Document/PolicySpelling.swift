/// Values of a policy as one writes them in one: what differences show.
enum Spelling {
    private static let writer = DocumentWriter(isJSON: false)

    static func text(_ value: JSONValue) -> String { writer.inline(value) }

    static func list(_ names: [Identifier]) -> String { text(.array(names.map { .string($0.text) })) }

    static func percentage(_ share: Percentage) -> String { decimalText(share.parts, places: 3) + "%" }

    /// Dollars or a whole number, as `limit` is written.
    static func limit(_ amount: Int64, _ unit: AllowanceUnit) -> String {
        unit == .usd ? Money.dollars(amount) : String(amount)
    }

    /// USD per million tokens.
    static func rate(_ rate: TokenRate) -> String { decimalText(rate, places: TokenRate.placesPerMillion) }

    static func window(_ window: Window) -> JSONValue {
        switch window {
        case .month(let day) where day != 1: .object([("month", .number(String(day)))])
        case .month: .string("month")
        case .rolling(let duration): .object([("rolling", .string(self.duration(duration)))])
        case .refill(let period): .object([("refill", .string(self.period(period)))])
        case .minute, .hour, .day, .week, .lifetime, .none: .string(window.code)
        }
    }

    /// Milliseconds in the largest unit they are whole in.
    private static func duration(_ milliseconds: Int64) -> String {
        let units: [(name: String, length: Int64)] = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000)]
        let unit = units.first { milliseconds % $0.length == 0 } ?? ("s", 1_000)
        return "\(milliseconds / unit.length)\(unit.name)"
    }

    private static func period(_ milliseconds: Int64) -> String {
        switch milliseconds {
        case 60_000: "minute"
        case 3_600_000: "hour"
        case 86_400_000: "day"
        default: duration(milliseconds)
        }
    }

    static func match(_ match: [Dimension: Identifier]) -> JSONValue {
        .object(Dimension.allCases.compactMap { dimension in match[dimension].map { (dimension.rawValue, .string($0.text)) } })
    }

    static func per(_ per: [Dimension]) -> JSONValue { .array(per.map { .string($0.rawValue) }) }

    /// An allowance with the fields that differ from what is taken for granted.
    static func allowance(_ allowance: Allowance, zone: String) -> JSONValue {
        var fields: [(key: String, value: JSONValue)] = [
            ("name", .string(allowance.name.text)), ("unit", .string(allowance.unit.rawValue)),
            ("limit", .number(limit(allowance.limit, allowance.unit))),
        ]
        if allowance.window != .none { fields.append(("window", window(allowance.window))) }
        if allowance.window.isCalendar, allowance.timeZone != zone { fields.append(("time_zone", .string(allowance.timeZone))) }
        if allowance.per != [.user] { fields.append(("per", per(allowance.per))) }
        if !allowance.match.isEmpty { fields.append(("match", match(allowance.match))) }
        if let soft = allowance.softLimit { fields.append(("soft_limit", .string(percentage(soft)))) }
        if allowance.overdraft != .zero { fields.append(("overdraft", .string(percentage(allowance.overdraft)))) }
        if allowance.required { fields.append(("required", .bool(true))) }
        if allowance.shadow { fields.append(("shadow", .bool(true))) }
        return .object(fields)
    }

    /// `mon-fri`, or a list of days.
    static func days(_ days: Set<Int>) -> String {
        let names = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
        let sorted = days.sorted()
        guard days.count < names.count else { return "daily" }
        guard let first = sorted.first, let last = sorted.last, first < last, sorted == Array(first...last) else {
            return sorted.map { names[$0] }.joined(separator: ",")
        }
        return "\(names[first])-\(names[last])"
    }

    /// Minutes after midnight: `09:00-18:00`.
    static func hours(_ start: Int, _ end: Int) -> String {
        func time(_ minutes: Int) -> String {
            [minutes / 60, minutes % 60].map { ($0 < 10 ? "0" : "") + String($0) }.joined(separator: ":")
        }
        return "\(time(start))-\(time(end))"
    }
}

/// Amounts as sentences show them.
enum Sentence {
    /// `1234567` -> `1,234,567`.
    static func grouped(_ digits: String) -> String {
        var result = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) { result.append(",") }
            result.append(digit)
        }
        return result
    }

    /// Decimal dollars: `15000` -> `$15,000`, `0.5` -> `$0.50`.
    static func dollars(_ decimal: String) -> String {
        let parts = decimal.split(separator: ".")
        let whole = "$" + grouped(String(parts[0]))
        guard parts.count > 1 else { return whole }
        return whole + "." + parts[1] + (parts[1].count < 2 ? "0" : "")
    }

    static func amount(_ amount: Int64, _ unit: AllowanceUnit) -> String {
        unit == .usd ? dollars(Money.dollars(amount)) : grouped(String(amount))
    }

    /// ` tokens`, behind an amount that does not say it itself.
    static func word(_ unit: AllowanceUnit) -> String {
        switch unit {
        case .usd: ""
        case .inFlight: " in flight"
        default: " " + spoken(unit)
        }
    }

    static func spoken(_ unit: AllowanceUnit) -> String {
        switch unit {
        case .tokens: "tokens"
        case .inputTokens: "input tokens"
        case .outputTokens: "output tokens"
        case .usd: "money"
        case .requests: "requests"
        case .inFlight: "requests at once"
        }
    }

    /// ` (+20 %)`, rounded to a tenth; empty from zero and for less than a tenth.
    static func growth(from old: Int64, to new: Int64) -> String {
        guard old != 0 else { return "" }
        var tenths = (2_000 * (Int128(new) - Int128(old)).magnitude / UInt128(old.magnitude) + 1) / 2
        // Something is left: not all of it is gone.
        if new != 0, new < old { tenths = min(tenths, 999) }
        guard tenths != 0 else { return "" }
        let (whole, tenth) = tenths.quotientAndRemainder(dividingBy: 10)
        return " (\(new < old ? "-" : "+")\(whole)\(tenth == 0 ? "" : ".\(tenth)") %)"
    }
}
