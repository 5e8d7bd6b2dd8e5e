import BudgetModel

/// A user as the control API shows one.
extension JSONText {
    mutating func account(_ account: UserAccount) {
        let (state, assignment) = (account.state, account.assignment)
        text("user", state.user.text)
        optional("tier", state.tier)
        optional("assigned_tier", assignment.tier)
        flag("frozen", state.frozen)
        key("limits")
        object { json in
            for (name, limit, unit) in account.limits {
                json.key(name.text)
                json.amount(limit, unit)
            }
        }
        key("limit_units")
        object { json in
            for (name, _, unit) in account.limits { json.optional(name.text, unit) }
        }
        key("limits_not_applied")
        array { json in
            for (name, _, unit) in account.limits where !account.applies(unit, to: name) { json.string(name.text) }
        }
        key("grants")
        array { json in
            for topUp in account.grants {
                json.object { json in
                    json.grant(topUp, account.unit(of: topUp))
                    json.flag("applies", account.applies(account.unit(of: topUp), to: topUp.allowance))
                    json.optionalTime("granted_at", topUp.grant?.grantedAt)
                    json.text("actor", topUp.grant?.actor ?? "")
                    json.text("reason", topUp.grant?.reason ?? "")
                    json.dimensions(topUp.dimensions)
                }
            }
        }
        allowances(state.allowances, withDimensions: true)
    }

    /// What a grant is: the fields its own answer and the user's list share.
    mutating func grant(_ topUp: TopUp, _ unit: AllowanceUnit?) {
        optional("grant_id", topUp.grant.map { Identifier($0.id) })
        text("allowance", topUp.allowance.text)
        key("amount")
        amount(topUp.amount, unit)
        optional("unit", unit)
        optionalTime("expires_at", topUp.before)
    }

    /// Without a unit, of an allowance that policy has no more, the amount shows as it is stored.
    private mutating func amount(_ value: Int64, _ unit: AllowanceUnit?) {
        if unit == .usd { dollars(value) } else { integer(value) }
    }

    private mutating func optional(_ key: String, _ unit: AllowanceUnit?) { optional(key, unit?.rawValue) }
}
