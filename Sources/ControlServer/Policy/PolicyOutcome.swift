package import BudgetModel
import BudgetStore

/// On what terms a document is changed.
struct ChangeTerms: Sendable {
    var actor: String
    var reason: String
    var isDryRun = false
    var ifMatch: EntityTags?
    var rolledBackTo: Int64?
}

/// What a change did, or would do.
struct PolicyOutcome: Sendable {
    /// The version now in force; nil in a dry run where there is none yet.
    var version: DocumentVersion?
    var document: PolicyDocument
    var diff: PolicyDiff
}

/// A policy file on this machine, read.
package struct PolicyFile: Sendable {
    package let path: String
    package let document: PolicyDocument

    /// - Throws: ``PolicyError`` with file and line.
    package init(path: String, text: String) throws(PolicyError) {
        self.path = path
        document = try PolicyDocument(text: text, file: path)
    }

    func terms(_ reason: String) -> ChangeTerms { ChangeTerms(actor: "file \(path)", reason: reason) }
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
