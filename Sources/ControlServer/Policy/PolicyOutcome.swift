package import BudgetModel
import BudgetStore

/// On what terms a document is changed.
struct ChangeTerms: Sendable {
    var actor: String
    var reason: String
    var isDryRun = false
    /// The edit does not look at what is there.
    var replacesAll = false
    var ifMatch: EntityTags?
    var rolledBackTo: Int64?
    /// Of prices: milliseconds since 1970.
    var effectiveFrom: Int64?

    var facts: DocumentFacts {
        DocumentFacts(actor: actor, reason: reason, rolledBackTo: rolledBackTo, effectiveFrom: effectiveFrom)
    }
}

/// What a change did, or would do.
struct PolicyOutcome: Sendable {
    /// The version now in force; nil in a dry run where there is none yet.
    var version: DocumentVersion?
    var document: PolicyDocument
    var diff: PolicyDiff
}

/// The same of the price document.
struct PricesOutcome: Sendable {
    var version: DocumentVersion?
    /// What would be in force at the new version's time without it.
    var before: PriceDocument
    var after: PriceDocument
    /// Versions that would have come into force later, and with this one never will.
    var supersedes: [PriceHistory.Version]
}

/// A policy file on this machine.
package struct PolicyFile: Sendable {
    package let path: String
    package let text: String

    package init(path: String, text: String) {
        self.path = path
        self.text = text
    }

    /// - Throws: ``PolicyError`` with file and line.
    package func document(prices: PriceCatalogue = PriceCatalogue()) throws(PolicyError) -> PolicyDocument {
        try PolicyDocument(text: text, file: path, prices: prices)
    }

    /// Reads it as far as that can be done before the store is reached: its models may have their prices there.
    /// - Throws: ``PolicyError`` with file and line.
    package func check() throws(PolicyError) {
        do {
            _ = try document()
        } catch {
            guard error.isUnknownModel else { throw error }
        }
    }

    func terms(_ reason: String) -> ChangeTerms { ChangeTerms(actor: "file \(path)", reason: reason, replacesAll: true) }
}

/// The value of `If-Match` (RFC 9110, 13.1.1).
struct EntityTags: Hashable, Sendable {
    private let tags: [String]

    init(_ field: String) { tags = field.split(separator: ",").map { $0.filter { $0 != " " && $0 != "\t" } } }

    /// Whether a document with this tag may be changed; nil is none at all. Weak tags never match.
    func allows(_ tag: String?) -> Bool {
        guard let tag else { return false }
        return tags.contains { $0 == "*" || $0 == tag }
    }
}
