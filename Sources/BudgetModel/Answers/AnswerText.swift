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
            json.optionalMoney("cost_usd", charge.cost)
        }
    }

    package mutating func allowances(_ states: [AllowanceState], withDimensions: Bool = false) {
        key("allowances")
        array { json in
            for index in states.indices { json.allowance(states[index], withDimensions: withDimensions) }
        }
    }

    /// - Parameter wouldReject: how often a shadow allowance would have refused, where that is known.
    package mutating func allowance(_ state: AllowanceState, withDimensions: Bool, wouldReject: Int64? = nil) {
        object { json in
            json.figures(of: state)
            if withDimensions, !state.dimensions.isEmpty { json.dimensions(state.dimensions) }
            if state.shadow { json.flag("shadow", true) }
            if let wouldReject {
                json.key("would_reject")
                json.integer(wouldReject)
            }
        }
    }

    /// What a counter is called, allows and has left.
    package mutating func figures(of state: AllowanceState) {
        if let written = state.written { raw(written) } else { head(state.name, state.unit, limit: state.limit) }
        amount("used", state.used, state.unit)
        amount("held", state.held, state.unit)
        amount("remaining", state.remaining, state.unit)
        optionalTime("resets_at", state.resetsAt)
    }

    /// The first members of a counter: those that are known before anything is used.
    mutating func head(_ name: Identifier, _ unit: AllowanceUnit, limit: Int64) {
        text("name", name.text)
        text("unit", unit.rawValue)
        amount("limit", limit, unit)
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
        plain { $0.append(timestamp: milliseconds, alwaysMilliseconds: alwaysMilliseconds) }
    }

    package mutating func count(_ key: StaticString, _ value: Int) { count(key, Int64(value)) }

    package mutating func count(_ key: StaticString, _ value: Int64) {
        self.key(key)
        integer(value)
    }

    /// Microcents as decimal dollars.
    package mutating func money(_ key: StaticString, _ microcents: Int64) {
        self.key(key)
        dollars(microcents)
    }

    // MARK: null where there is nothing

    package mutating func optionalMoney(_ key: StaticString, _ microcents: Int64?) {
        self.key(key)
        if let microcents { dollars(microcents) } else { null() }
    }

    package mutating func optionalTime(_ key: StaticString, _ milliseconds: Int64?) {
        self.key(key)
        if let milliseconds { time(milliseconds) } else { null() }
    }

    package mutating func optional(_ key: String, _ value: String?) {
        self.key(key)
        if let value { string(value) } else { null() }
    }

    package mutating func optional(_ key: String, _ value: Identifier?) { optional(key, value?.text) }

    package mutating func flag(_ key: StaticString, _ value: Bool) {
        self.key(key)
        bool(value)
    }
}
