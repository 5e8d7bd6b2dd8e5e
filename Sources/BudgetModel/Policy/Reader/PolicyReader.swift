extension Policy {
    /// Reads a policy in YAML or JSON, strictly: an unknown field, a name twice or a number in quotes refuses the whole text.
    ///
    /// `file` is named in errors. `prices` is the price document beside the policy, if there is one: its models may be named
    /// in ladders, too, but ``Policy/catalogue`` holds the policy's own alone.
    package init(
        yaml: String, file: String = "policy", prices: PriceCatalogue = PriceCatalogue()
    ) throws(PolicyError) {
        try self.init(root: try parsePolicyText(yaml, file: file, maximum: PolicyText.maximumPolicy), prices: prices)
    }

    /// Reads a document whose text is parsed already.
    /// - Parameter trustsModels: lets models pass that nobody has a price for.
    init(root: PolicyNode, prices: PriceCatalogue, trustsModels: Bool = false) throws(PolicyError) {
        var names = try PolicyNames(root, prices: prices)
        names.trustsModels = trustsModels
        var reader = PolicyReader(names: names)
        for section in try root.entries("write sections") { try reader.read(section) }
        try reader.checkAllowances()
        self = reader.policy
    }
}

extension PriceCatalogue {
    /// Reads a document of `prices`, `aliases` and `unpriced_models` alone: the form a price version is stored in.
    package init(yaml: String, file: String) throws(PolicyError) {
        let root = try parsePolicyText(yaml, file: file, maximum: PolicyText.maximumCatalogue)
        let names = try PolicyNames(root, prices: PriceCatalogue())
        self.init()
        for section in try root.entries("write sections") {
            guard try read(section, names) else { throw section.unknown(PriceCatalogue.sections) }
        }
    }
}

/// Reads sections in the order they stand in, so that the first error of a document is the first one told.
struct PolicyReader {
    let names: PolicyNames
    var policy = Policy()
    /// Every allowance with its place, for the checks that need all of them.
    var allowances: [LocatedAllowance] = []

    init(names: PolicyNames) { self.names = names }

    private static let sections =
        ["time_zone", "default_tier", "allowances", "tiers", "features", "discounts", "alerts", "destinations"]
        + PriceCatalogue.sections

    mutating func read(_ section: PolicyEntry) throws(PolicyError) {
        let value = section.value
        switch section.name {
        case "time_zone": policy.timeZone = try value.zone()
        case "default_tier": policy.defaultTier = try value.tier(names)
        case "allowances": policy.allowances = try readAllowances(value, tier: nil)
        case "tiers": try readTiers(value)
        case "features": policy.features = try value.features(names)
        case "discounts": policy.discounts = try value.discounts(names)
        case "alerts": policy.alerts = try value.alerts(names)
        case "destinations": policy.destinations = try value.destinations()
        default:
            guard try policy.catalogue.read(section, names) else { throw section.unknown(Self.sections) }
        }
    }

    mutating func readAllowances(_ place: PolicyNode, tier: Identifier?) throws(PolicyError) -> [Allowance] {
        var result: [Allowance] = []
        for item in try place.items("write a list of allowances") {
            let located = try LocatedAllowance(item, tier: tier, zone: names.timeZone)
            allowances.append(located)
            result.append(located.allowance)
        }
        return result
    }

    private mutating func readTiers(_ place: PolicyNode) throws(PolicyError) {
        for entry in try place.entries("write a mapping of tiers by name") {
            let name = try entry.identifier("a tier's name")
            policy.tiers[name] = try readTier(entry.value, name: name)
        }
    }
}

extension PolicyNode {
    fileprivate func tier(_ names: PolicyNames) throws(PolicyError) -> Identifier {
        let tier = try identifier("the name of a tier")
        guard names.tiers.contains(where: { Identifier($0) == tier }) else {
            throw refusal(
                "unknown tier \(quoted(tier.text))",
                names.tiers.isEmpty ? "define it under tiers" : adviceOnSpelling(of: tier.text, among: names.tiers))
        }
        return tier
    }
}
