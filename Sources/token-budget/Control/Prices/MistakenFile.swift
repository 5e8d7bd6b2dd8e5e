import Foundation
import Yams

/// A file of another kind, given where LiteLLM's catalogue is asked for.
struct MistakenFile: Error, Hashable, CustomStringConvertible {
    let description: String

    /// What a file says that it is, by the fields at its top.
    enum Kind: String, Hashable {
        case policy = "a policy"
        case tier = "a tier's section"
        case prices = "a price document"
        case keys = "a keys file"
    }

    /// Larger ones are none of these: no document that people write is.
    private static let largest = 4 << 20

    /// - Returns: nil for what may be a catalogue: an object of JSON.
    init?(notCatalogue file: DocumentFile) {
        let first = file.bytes.first { !" \t\r\n".utf8.contains($0) }
        guard first != UInt8(ascii: "{") else { return nil }
        if let mistake = MistakenFile(refused: file) {
            self = mistake
        } else {
            description = "\(file.name): \(first == nil ? "is empty" : "is no object of JSON"). \(Self.catalogue)"
        }
    }

    /// Of a file that the service found no price in.
    /// - Returns: nil when it looks like nothing that is known here.
    init?(refused file: DocumentFile) {
        guard let kind = Self.kind(of: file.bytes) else { return nil }
        description = "\(file.name): looks like \(kind.rawValue), not like LiteLLM's catalogue: \(Self.command(for: kind, file.name))"
    }

    /// What was asked for.
    static let catalogue =
        "LiteLLM's catalogue is the file model_prices_and_context_window.json: one object with an entry for each model."

    private static func command(for kind: Kind, _ name: String) -> String {
        switch kind {
        case .policy: "use `token-budget policy apply \(name)`."
        case .tier: "use `token-budget tier set TIER --file \(name)`."
        case .prices: "use `token-budget prices set \(name)`."
        case .keys: "the service reads it, with `token-budget serve --keys \(name)`."
        }
    }

    // MARK: Kinds

    static func kind(of bytes: Data) -> Kind? {
        guard bytes.count <= largest, let text = String(data: bytes, encoding: .utf8), let node = try? Yams.compose(yaml: text) else {
            return nil
        }
        if case .sequence(let items) = node { return items.contains { $0.mapping?["key_sha256"] != nil } ? .keys : nil }
        let fields = Set(node.mapping?.keys.compactMap(\.scalar?.string) ?? [])
        if !fields.isDisjoint(with: policyFields) { return .policy }
        if !fields.isDisjoint(with: tierFields) { return .tier }
        return fields.isDisjoint(with: priceFields) ? nil : .prices
    }

    /// Fields that only this kind of document has; `allowances` is a policy's, too, but hardly without any of these.
    private static let policyFields: Set = ["tiers", "default_tier", "features", "alerts", "destinations"]
    private static let tierFields: Set = ["allowances", "degrade_to", "protected_hours", "when_store_is_down", "store_down_cap"]
    private static let priceFields: Set = ["prices", "aliases", "unpriced_models", "discounts"]
}
