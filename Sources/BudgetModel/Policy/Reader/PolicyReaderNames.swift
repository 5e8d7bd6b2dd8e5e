/// The names a policy defines, gathered before anything is judged: a ladder may stand above the prices it needs.
struct PolicyNames {
    /// Every model, without prices, and every alias: the document's own over those of the prices it may refer to.
    var catalogue: PriceCatalogue
    /// The document's own models and aliases.
    private(set) var own = PriceCatalogue()
    var tiers: [String] = []
    var destinations: Set<Identifier> = []
    var timeZone = "UTC"
    /// A policy that was good when it was stored may name models that have left the price document since.
    var trustsModels = false

    /// `prices` are those of the price document, which a policy may refer to as well.
    init(_ root: PolicyNode, prices: PriceCatalogue) throws(PolicyError) {
        catalogue = prices
        for entry in try root.entries("write a mapping of sections such as tiers, allowances and prices") {
            switch entry.name {
            case "time_zone": timeZone = entry.value.rawText ?? timeZone
            case "tiers": tiers = entry.value.keys
            case "destinations": destinations = Set(entry.value.keys.map { Identifier($0) })
            case "prices": for name in entry.value.keys { own.models[Identifier(name)] = ModelPrice() }
            case "aliases": addAliases(entry.value)
            default: break
            }
        }
        catalogue = own.over(prices)
    }

    private mutating func addAliases(_ place: PolicyNode) {
        for (alias, model) in place.rawEntries {
            if let model { own.aliases[Identifier(alias)] = Identifier(model) }
        }
    }

    /// Models in the order of their bytes, for advice.
    var models: [String] { catalogue.models.keys.map(\.text).sorted() }

    /// The catalogue's own name of a model; nil when it has no price.
    func known(_ model: Identifier) -> Identifier? {
        let canonical = catalogue.canonical(model)
        return catalogue.models[canonical] == nil && !trustsModels ? nil : canonical
    }
}

extension PolicyNode {
    fileprivate var keys: [String] { rawEntries.map(\.key) }

    /// A ladder: models to try in this order, each known and named once.
    func ladder(_ names: PolicyNames) throws(PolicyError) -> [Identifier] {
        var ladder: [Identifier] = []
        var seen: Set<Identifier> = []
        for item in try items("write a list of models such as [gpt-4o-mini]") {
            let (model, canonical) = try item.knownModel(names)
            guard seen.insert(canonical).inserted else {
                let also = canonical == model ? "" : ", as \(quoted(canonical.text))"
                throw item.refusal("\(quoted(model.text)) is in this ladder twice\(also)", "name every model once")
            }
            ladder.append(model)
        }
        return ladder
    }

    /// A model that has a price, as written and under its catalogue name.
    func knownModel(_ names: PolicyNames) throws(PolicyError) -> (written: Identifier, canonical: Identifier) {
        let model = try identifier("the name of a model")
        guard let canonical = names.known(model) else {
            let known = names.models + names.catalogue.aliases.keys.map(\.text).sorted()
            throw refusal(
                "\(PolicyError.unknownModel) \(quoted(model.text))",
                known.isEmpty ? "give it a price under prices" : adviceOnSpelling(of: model.text, among: known))
        }
        return (model, canonical)
    }
}
