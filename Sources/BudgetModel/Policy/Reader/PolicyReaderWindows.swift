extension PolicyNode {
    /// Any window an allowance may have.
    func window() throws(PolicyError) -> Window {
        let words = ["minute", "hour", "day", "week", "month", "lifetime"]
        guard isMapping else {
            return try text("write \(oneOf(words)), or {month: 15}, {rolling: 5h} or {refill: minute}") == "lifetime"
                ? .lifetime : calendarWindow(words)
        }
        let entries = try entries("write a window")
        let known = ["month", "rolling", "refill"]
        guard entries.count == 1, let entry = entries.first else {
            throw refusal("has \(entries.count) fields", "write one of \(oneOf(known)), such as {rolling: 5h}")
        }
        switch entry.name {
        case "month": return .month(anchorDay: Int(try entry.value.wholeNumber(1...31)))
        case "rolling": return .rolling(try entry.value.duration())
        case "refill": return .refill(try entry.value.refillPeriod())
        default: throw entry.unknown(known)
        }
    }

    /// A calendar window, written as one of `words`.
    func calendarWindow(_ words: [String]) throws(PolicyError) -> Window {
        switch try word(words) {
        case "minute": .minute
        case "hour": .hour
        case "day": .day
        case "week": .week
        default: .month(anchorDay: 1)
        }
    }

    private func refillPeriod() throws(PolicyError) -> Int64 {
        switch try? text("") {
        case "minute": 60_000
        case "hour": 3_600_000
        case "day": 86_400_000
        default: try duration("minute, hour, day or a duration such as 30s")
        }
    }

    /// `<n>s|m|h|d` in milliseconds.
    private func duration(_ form: String = "a duration such as 30s, 15m, 5h or 7d") throws(PolicyError) -> Int64 {
        let text = try text("write \(form)")
        let units: [Character: Int64] = ["s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000]
        let digits = text.dropLast()
        guard let unit = text.last.flatMap({ units[$0] }), !digits.isEmpty, digits.utf8.allSatisfy(isDigit) else {
            throw refusal("\(quoted(text)) is no duration", "write \(form)")
        }
        guard let count = Int64(digits), count <= Window.maximumDuration / unit else {
            throw refusal("\(quoted(text)) is too long", "write at most \(Window.maximumDuration / 86_400_000)d")
        }
        guard count > 0, digits.first != "0" else {
            throw refusal("\(quoted(text)) is no duration above zero", "write \(form)")
        }
        return count * unit
    }
}
