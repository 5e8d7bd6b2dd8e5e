extension PriceDocument {
    /// A text of a price document as compact JSON: order of keys kept, numbers as written; not checked as prices.
    package static func json(of text: String) throws(PolicyError) -> [UInt8] {
        Array(JSONValue(try parsePolicyText(text, file: "prices", maximum: PolicyText.maximumCatalogue).node).jsonText.utf8)
    }

    /// Reads a price document in YAML or JSON, as strictly as a policy: `prices`, `aliases`, `unpriced_models`, `discounts`.
    package init(yaml: String, file: String = "prices") throws(PolicyError) {
        let root = try parsePolicyText(yaml, file: file, maximum: PolicyText.maximumCatalogue)
        let names = try PolicyNames(root, prices: PriceCatalogue())
        self.init()
        for section in try root.entries("write sections") {
            if section.name == "discounts" {
                discounts = try section.value.discounts(names)
            } else if try !catalogue.read(section, names) {
                throw section.unknown(PriceCatalogue.sections + ["discounts"])
            }
        }
    }
}
