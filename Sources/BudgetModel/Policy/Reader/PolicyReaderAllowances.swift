/// An allowance and where it stands.
struct LocatedAllowance {
    /// Longest name in bytes: it is part of every key and every answer.
    static let maximumNameLength = 64
    private static let known = [
        "name", "unit", "limit", "window", "per", "match", "soft_limit", "overdraft", "time_zone", "required", "shadow",
    ]

    let allowance: Allowance
    /// nil at the top level.
    let tier: Identifier?
    private let fields: PolicyFields

    /// Reads one allowance; `zone` is the policy's.
    init(_ place: PolicyNode, tier: Identifier?, zone: String) throws(PolicyError) {
        let fields = try PolicyFields(place, Self.known, "an allowance")
        let unit = try fields.required("unit", "tokens").unit()
        let window = try fields.window(of: unit)
        let ownZone = try fields["time_zone"]?.zone()
        allowance = Allowance(
            name: try fields.required("name", "daily-tokens")
                .identifier("an allowance's name", maximumBytes: Self.maximumNameLength),
            unit: unit,
            limit: try fields.required("limit", "50000").limit(of: unit),
            window: window,
            // Only calendars care; with any other window a change of the policy's zone must not begin a new counter.
            timeZone: window.isCalendar ? ownZone ?? zone : "UTC",
            per: try fields["per"]?.dimensions() ?? [.user],
            match: try fields["match"]?.match() ?? [:],
            softLimit: try fields["soft_limit"]?.percentage(upTo: Percentage(parts: Percentage.whole)),
            overdraft: try fields["overdraft"]?.percentage() ?? .zero,
            required: try fields["required"]?.truth() ?? false,
            shadow: try fields["shadow"]?.truth() ?? false)
        self.tier = tier
        self.fields = fields
    }

    /// Where `field` stands, or where the allowance does.
    func place(_ field: String) -> PolicyNode { fields[field] ?? fields.owner }
}

extension PolicyFields {
    /// `in_flight` counts what is open now and takes no window; every other unit needs one.
    fileprivate func window(of unit: AllowanceUnit) throws(PolicyError) -> Window {
        guard unit == .inFlight else { return try required("window", "day").window() }
        guard let window = self["window"] else { return .none }
        throw window.refusal("in_flight counts what is open right now", "leave window out")
    }
}

extension PolicyNode {
    func unit(_ known: [AllowanceUnit] = AllowanceUnit.allCases) throws(PolicyError) -> AllowanceUnit {
        let word = try word(known.map(\.rawValue))
        return known.first { $0.rawValue == word } ?? .tokens
    }

    /// Dollars for `usd`, a whole number for everything else.
    func limit(of unit: AllowanceUnit) throws(PolicyError) -> Int64 {
        try unit == .usd ? dollars() : wholeNumber()
    }

    private func dimension(_ name: String) throws(PolicyError) -> Dimension {
        guard let dimension = Dimension(rawValue: name) else {
            throw refusal(
                "unknown dimension \(quoted(name))", adviceOnSpelling(of: name, among: Dimension.allCases.map(\.rawValue)))
        }
        return dimension
    }

    fileprivate func dimensions() throws(PolicyError) -> [Dimension] {
        let advice = "write a list such as [user], [user, feature], or [] for one counter shared by all"
        var found: Set<Dimension> = []
        for item in try items(advice) {
            let dimension = try item.dimension(try item.text(advice))
            guard found.insert(dimension).inserted else {
                throw item.refusal("\(dimension.rawValue) is there twice", "name every dimension once")
            }
        }
        return Dimension.allCases.filter(found.contains)
    }

    fileprivate func match() throws(PolicyError) -> [Dimension: Identifier] {
        var match: [Dimension: Identifier] = [:]
        for entry in try entries("write a mapping such as {environment: staging}") {
            let dimension = try entry.key.dimension(entry.name)
            match[dimension] = try entry.value.identifier("a value of \(entry.name)")
        }
        return match
    }
}
