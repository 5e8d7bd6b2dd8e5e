package import BudgetModel

/// A user's assignment as the field `a` of the user's hash: the revision in digits, a line feed, a JSON object.
/// `{"tier":"pro","frozen":false,"limits":{"daily-tokens":80000},"limit_units":{"daily-tokens":"tokens"},
/// "top_ups":[{"allowance","amount","before","unit","dimensions":{}}]}`
///
/// Without its unit, as older versions wrote it, an amount is in whatever unit its allowance has.
///
/// Every answer about a user brings it along, so it has what decisions need and no more: who granted a top-up and why stands in the
/// field `g`, see ``GrantRecord``.
package enum AssignmentRecord {
    package static func encode(_ assignment: Assignment) -> [UInt8] {
        let json = JSONText.object { json in
            if let tier = assignment.tier {
                json.key("tier")
                json.string(tier.text)
            }
            if assignment.frozen {
                json.key("frozen")
                json.bool(true)
            }
            if !assignment.limits.isEmpty { append(assignment.limits, assignment.limitUnits, to: &json) }
            if !assignment.topUps.isEmpty { append(assignment.topUps, to: &json) }
        }
        return Array(assignment.revision.utf8) + [0x0A] + json
    }

    private static func append(_ limits: [Identifier: Int64], _ units: [Identifier: AllowanceUnit], to json: inout JSONText) {
        json.key("limits")
        json.object { json in
            for (name, limit) in limits.sorted(by: { $0.key.text < $1.key.text }) {
                json.key(name.text)
                json.integer(limit)
            }
        }
        guard !units.isEmpty else { return }
        json.key("limit_units")
        json.object { json in
            for (name, unit) in units.sorted(by: { $0.key.text < $1.key.text }) {
                json.key(name.text)
                json.string(unit.rawValue)
            }
        }
    }

    private static func append(_ topUps: [TopUp], to json: inout JSONText) {
        json.key("top_ups")
        json.array { json in
            for topUp in topUps {
                json.object { json in
                    json.key("allowance")
                    json.string(topUp.allowance.text)
                    json.key("amount")
                    json.integer(topUp.amount)
                    json.key("before")
                    json.integer(topUp.before)
                    if let unit = topUp.unit { json.text("unit", unit.rawValue) }
                    json.key("dimensions")
                    json.object { json in
                        for (dimension, value) in topUp.dimensions.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
                            json.key(dimension.rawValue)
                            json.string(value.text)
                        }
                    }
                }
            }
        }
    }

    /// The assignment of empty bytes, or of the bare revision `0`, is that of a user nobody assigned anything; nil is damage.
    package static func decode(_ bytes: [UInt8]) -> Assignment? {
        guard !bytes.isEmpty, bytes != Array(Assignment.none.utf8) else { return Assignment() }
        guard let end = bytes.firstIndex(of: 0x0A), end > 0, let json = try? JSONValue(parsing: bytes[(end + 1)...]) else {
            return nil
        }
        var assignment = Assignment()
        assignment.revision = String(decoding: bytes[..<end], as: UTF8.self)
        assignment.tier = json["tier"]?.text.map { Identifier($0) }
        if case .bool(let frozen) = json["frozen"] { assignment.frozen = frozen }
        if case .object(let limits) = json["limits"] {
            for (name, value) in limits {
                guard let limit = value.integer, limit <= Amount.maximum else { return nil }
                assignment.limits[Identifier(name)] = limit
            }
        }
        if case .object(let units) = json["limit_units"] {
            for (name, value) in units {
                guard let unit = value.text.flatMap(AllowanceUnit.init) else { return nil }
                assignment.limitUnits[Identifier(name)] = unit
            }
        }
        if case .array(let topUps) = json["top_ups"] {
            for item in topUps {
                guard let topUp = topUp(item) else { return nil }
                assignment.topUps.append(topUp)
            }
        }
        return assignment
    }

    private static func topUp(_ json: JSONValue) -> TopUp? {
        guard let allowance = json["allowance"]?.text, let amount = json["amount"]?.integer, amount <= Amount.maximum,
            let before = json["before"]?.integer
        else { return nil }
        var dimensions: [Dimension: Identifier] = [:]
        if case .object(let fields) = json["dimensions"] {
            for (name, value) in fields {
                guard let dimension = Dimension(rawValue: name), let text = value.text else { return nil }
                dimensions[dimension] = Identifier(text)
            }
        }
        var unit: AllowanceUnit?
        if let word = json["unit"]?.text {
            guard let known = AllowanceUnit(rawValue: word) else { return nil }
            unit = known
        }
        return TopUp(allowance: Identifier(allowance), amount: amount, before: before, dimensions: dimensions, unit: unit)
    }
}
