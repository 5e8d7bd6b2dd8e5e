import BudgetModel

/// What the ledger wants to know of a change by ops: who made it for whom, why, and what it was about. Scripts pass the bytes on.
struct AdjustmentNote: Hashable, Sendable {
    var user: Identifier
    var actor: String
    var reason: String
    /// Of a grant: what was granted.
    var facts: [String: String] = [:]
    /// Of a reset: which counters, in the order that the script tells what it took from them.
    var counters: [Counter] = []

    struct Counter: Hashable, Sendable {
        var unit: UInt8
        /// The field of the user's hash.
        var field: [UInt8]
    }

    init(_ user: Identifier, actor: String, reason: String) {
        self.user = user
        self.actor = actor
        self.reason = reason
    }

    /// A grant, as the ledger's labels tell it.
    init(_ topUp: TopUp, _ unit: AllowanceUnit, of user: Identifier, _ grant: Grant) {
        self.init(user, actor: grant.actor, reason: grant.reason)
        facts = [
            "grant_id": grant.id, "allowance": topUp.allowance.text, "unit": unit.rawValue, "before": String(topUp.before),
            "amount": unit == .usd ? Money.dollars(topUp.amount) : String(topUp.amount),
        ]
        for (dimension, value) in topUp.dimensions { facts["dimension." + dimension.rawValue] = value.text }
    }

    func append(to bytes: inout ByteWriter) {
        bytes.append(counted: user.text)
        bytes.append(counted: actor)
        bytes.append(counted: reason)
        bytes.append(facts)
        bytes.append(variable: Int64(counters.count))
        for counter in counters {
            bytes.append(counter.unit)
            bytes.append(variable: Int64(counter.field.count))
            bytes.append(counter.field)
        }
    }

    init(_ reader: inout Unpacker) {
        self.init(Identifier(reader.text()), actor: reader.text(), reason: reader.text())
        facts = reader.labels()
        var left = reader.variable()
        while left > 0, !reader.isBroken {
            let unit = reader.byte()
            counters.append(Counter(unit: unit, field: reader.bytes(Int(reader.variable()))))
            left -= 1
        }
    }
}
