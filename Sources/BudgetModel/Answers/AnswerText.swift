/// Answers as JSON: one place for the shapes that several verbs and both listeners share.
extension JSONText {
    package mutating func text(_ key: StaticString, _ value: String) {
        self.key(key)
        string(value)
    }

    /// `{"tokens":2000,"cost_usd":0.000525}`; `cost_usd` is null without a price.
    package mutating func charge(_ key: StaticString, _ charge: Charge) {
        self.key(key)
        object { json in
            json.key("tokens")
            json.integer(charge.tokens)
            json.key("cost_usd")
            json.price(charge.cost)
        }
    }

    private mutating func price(_ microcents: Int64?) {
        if let microcents { dollars(microcents) } else { null() }
    }

    package mutating func allowances(_ states: [AllowanceState], withDimensions: Bool = false) {
        key("allowances")
        array { json in
            for state in states { json.allowance(state, withDimensions: withDimensions) }
        }
    }

    /// - Parameter wouldReject: how often a shadow allowance would have refused, where that is known.
    package mutating func allowance(_ state: AllowanceState, withDimensions: Bool, wouldReject: Int64? = nil) {
        object { json in
            json.text("name", state.name.text)
            json.text("unit", state.unit.rawValue)
            json.amount("limit", state.limit, state.unit)
            json.amount("used", state.used, state.unit)
            json.amount("held", state.held, state.unit)
            json.amount("remaining", state.remaining, state.unit)
            json.key("resets_at")
            if let time = state.resetsAt { json.time(time) } else { json.null() }
            if withDimensions, !state.dimensions.isEmpty { json.dimensions(state.dimensions) }
            if state.shadow { json.flag("shadow", true) }
            if let wouldReject {
                json.key("would_reject")
                json.integer(wouldReject)
            }
        }
    }

    package mutating func dimensions(_ values: [(dimension: Dimension, value: Identifier)]) {
        key("dimensions")
        object { json in
            for (dimension, value) in values {
                json.key(dimension.rawValue)
                json.string(value.text)
            }
        }
    }

    /// The same, in ``Dimension``'s order.
    package mutating func dimensions(_ values: [Dimension: Identifier]) {
        dimensions(Dimension.allCases.compactMap { dimension in values[dimension].map { (dimension: dimension, value: $0) } })
    }

    package mutating func amount(_ key: StaticString, _ value: Int64, _ unit: AllowanceUnit) {
        self.key(key)
        if unit == .usd { dollars(value) } else { integer(value) }
    }

    /// - Parameter alwaysMilliseconds: as `expires_at` has them; `resets_at` only where there are any.
    package mutating func time(_ milliseconds: Int64, alwaysMilliseconds: Bool = false) {
        plain { Timestamp.append(milliseconds, alwaysMilliseconds: alwaysMilliseconds, to: &$0) }
    }

    package mutating func count(_ key: StaticString, _ value: Int) {
        self.key(key)
        integer(Int64(value))
    }

    package mutating func flag(_ key: StaticString, _ value: Bool) {
        self.key(key)
        bool(value)
    }
}
