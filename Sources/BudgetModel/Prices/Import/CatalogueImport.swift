/// LiteLLM's price catalogue, `model_prices_and_context_window.json`, as prices of ours and a report of what became of each entry.
package struct CatalogueImport: Sendable {
    package private(set) var catalogue = PriceCatalogue()
    package private(set) var report = ImportReport()

    /// Longest file in bytes: five times LiteLLM's of November 2026.
    package static let maximumBytes = 16 << 20

    /// Entries about the file: an example of a model, and rules for models that are not in it.
    private static let notModels: Set = ["sample_spec", "fallback_generalizations"]

    /// - Throws: only when the text as a whole cannot be read: not JSON, not an object, too long. One bad entry is reported, no more.
    package init(liteLLM bytes: [UInt8]) throws(JSONError) {
        guard bytes.count <= Self.maximumBytes else {
            throw JSONError(.invalid, "The file has \(bytes.count) bytes; at most \(Self.maximumBytes) are read.")
        }
        let result = bytes.withUnsafeBufferPointer { buffer -> Result<CatalogueImport, JSONError> in
            Result { () throws(JSONError) in try CatalogueImport(buffer) }
        }
        self = try result.get()
    }

    private init(_ bytes: UnsafeBufferPointer<UInt8>) throws(JSONError) {
        var reader = try JSONReader(bytes)
        try reader.document { (reader) throws(JSONError) in
            try reader.entries { (reader, name) throws(JSONError) in take(name, try reader.value()) }
        }
    }

    private mutating func take(_ name: String, _ value: JSONValue) {
        if Self.notModels.contains(name) { return report.skip(name, .notAModel) }
        let model = Identifier(name)
        guard model.isValid else { return report.skip(name, .malformed, "its name is no model's") }
        do throws(CatalogueEntry.Refusal) {
            let entry = try CatalogueEntry(value)
            let (price, isDerived, hasZeroParts) = try entry.price()
            catalogue.models[model] = price
            report.take(name, entry, isDerived: isDerived, hasZeroParts: hasZeroParts)
        } catch {
            report.skip(name, error.reason, error.detail)
        }
    }
}
