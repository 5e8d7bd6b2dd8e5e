private let calendarWords = ["minute", "hour", "day", "week", "month"]

/// The kinds of `on`, each with the fields it takes beside `name`, `on` and `send`.
private let alertFields = [
    "allowance": ["at"], "spend": ["window", "above_usd"], "request": ["above_usd"], "spend_rate": ["window", "times_normal"],
]

extension PolicyNode {
    func alerts(_ names: PolicyNames) throws(PolicyError) -> [AlertRule] {
        var rules: [AlertRule] = []
        var seen: Set<Identifier> = []
        for item in try items("write a list of alerts") {
            let rule = try item.alert(names)
            guard seen.insert(rule.name).inserted else {
                throw item.refusal("the name \(quoted(rule.name.text)) is there twice", "give every alert a name of its own")
            }
            rules.append(rule)
        }
        return rules
    }

    private func alert(_ names: PolicyNames) throws(PolicyError) -> AlertRule {
        let all = ["name", "on", "send", "at", "window", "above_usd", "times_normal"]
        let fields = try PolicyFields(self, all, "an alert")
        let kind = try fields.required("on", "allowance").word(["allowance", "spend", "request", "spend_rate"])
        let own = alertFields[kind] ?? []
        for (name, value) in fields.values.sorted(by: { $0.key < $1.key }) where !own.contains(name) && !all[..<3].contains(name) {
            throw value.refusal("an alert on \(kind) takes no \(name)", "write \(oneOf(own)) instead")
        }
        let destination = try fields.required("send", "the name of a destination").destination(names)
        return AlertRule(
            name: try fields.required("name", "near-limit")
                .identifier("an alert's name", maximumBytes: LocatedAllowance.maximumNameLength),
            trigger: try fields.trigger(kind),
            destination: destination)
    }

    private func destination(_ names: PolicyNames) throws(PolicyError) -> Identifier {
        let name = try identifier("the name of a destination")
        guard names.destinations.contains(name) else {
            throw refusal(
                "unknown destination \(quoted(name.text))",
                names.destinations.isEmpty
                    ? "define it under destinations" : adviceOnSpelling(of: name.text, among: names.destinations.map(\.text).sorted()))
        }
        return name
    }

    /// Shares of a limit, lowest first.
    fileprivate func shares() throws(PolicyError) -> [Percentage] {
        let advice = "write a list such as [50%, 80%, 100%]"
        var shares: Set<Percentage> = []
        for item in try items(advice) {
            let share = try item.percentage()
            guard share.parts > 0 else { throw item.refusal("0% is always reached", "write a percentage above 0%") }
            guard shares.insert(share).inserted else { throw item.refusal("is there twice", "write every percentage once") }
        }
        guard !shares.isEmpty else { throw refusal("is an empty list", advice) }
        return shares.sorted { $0.parts < $1.parts }
    }

    /// A factor in thousandths.
    fileprivate func factor() throws(PolicyError) -> Int64 {
        let factor = try decimal(places: 3, maximum: 1_000_000, example: "2")
        guard factor > 0 else { throw refusal("is zero", "write a factor such as 2") }
        return factor
    }
}

extension PolicyFields {
    fileprivate func trigger(_ kind: String) throws(PolicyError) -> AlertRule.Trigger {
        switch kind {
        case "allowance": .allowance(at: try required("at", "[80%, 100%]").shares())
        case "spend": .spend(window: try alertWindow(), above: try required("above_usd", "100").dollars())
        case "request": .request(above: try required("above_usd", "1").dollars(example: "1.00"))
        default: .spendRate(window: try alertWindow(), times: try required("times_normal", "2").factor())
        }
    }

    private func alertWindow() throws(PolicyError) -> Window {
        try required("window", "hour").calendarWindow(calendarWords)
    }
}
