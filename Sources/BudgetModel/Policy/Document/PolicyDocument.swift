/// A policy as ops wrote it, comments and all, with what it says. A value: an edit makes another document.
///
/// An edit changes the least of the text that it can: of a tier with another limit, that number. The text that comes of it is
/// read again and must say exactly what was meant; if it does not, the whole document is written anew from its contents.
package struct PolicyDocument: Sendable {
    /// YAML or JSON.
    package let text: String
    package let policy: Policy
    /// Whether the edit that made this document dropped a comment; false for a document that was read.
    package private(set) var commentsLost: Bool
    private let tree: JSONValue
    private let file: String
    private let prices: PriceCatalogue

    /// Reads a text strictly. `file` is named in errors; `prices` is the price document beside the policy, see ``Policy``.
    package init(
        text: String, file: String = "policy", prices: PriceCatalogue = PriceCatalogue()
    ) throws(PolicyError) {
        try self.init(text: text, file: file, prices: prices, trustsModels: false, commentsLost: false)
    }

    /// Reads a text that was good when it was stored: a model that has left the price document since is no mistake of it.
    package init(stored text: String, file: String, prices: PriceCatalogue) throws(PolicyError) {
        try self.init(text: text, file: file, prices: prices, trustsModels: true, commentsLost: false)
    }

    private init(
        text: String, file: String, prices: PriceCatalogue, trustsModels: Bool, commentsLost: Bool
    ) throws(PolicyError) {
        let root = try parsePolicyText(text, file: file, maximum: PolicyText.maximumPolicy)
        policy = try Policy(root: root, prices: prices, trustsModels: trustsModels)
        tree = JSONValue(root.node)
        self.text = text
        self.file = file
        self.prices = prices
        self.commentsLost = commentsLost
    }

    // MARK: As JSON

    /// The document as compact JSON: order of keys kept, numbers as written, percentages and windows as text. Reading it as a
    /// policy gives an equal one.
    package var json: [UInt8] { Array(tree.jsonText.utf8) }

    /// What stands under one tier's name, in the same form; nil when there is no such tier.
    package func json(ofTier name: Identifier) -> [UInt8]? {
        tree.field("tiers")?.field(name).map { Array($0.jsonText.utf8) }
    }

    /// The tiers in the order they are written in.
    package var tiers: [TierSummary] {
        (tree.field("tiers")?.keys ?? []).compactMap { key in
            let name = Identifier(key)
            return policy.tiers[name].map { TierSummary(name: name, allowances: $0.allowances.count, ladder: $0.ladder) }
        }
    }

    /// A tier in a list of them.
    package struct TierSummary: Hashable, Sendable {
        package let name: Identifier
        /// How many it has of its own.
        package let allowances: Int
        package let ladder: [Identifier]
    }

    // MARK: Edits

    /// The document with a tier set, or added behind the others.
    ///
    /// - Parameter json: the tier's section, as ``json(ofTier:)`` gives it.
    /// - Throws: ``JSONError`` when `json` is none, ``PolicyError`` when the policy that would come of it is refused.
    package func setting(tier name: Identifier, to json: some Sequence<UInt8>) throws -> PolicyDocument {
        let tier = try JSONValue(parsing: json)
        return try edited(tree.setting("tiers", to: (tree.field("tiers") ?? .object([])).setting(name, to: tier)))
    }

    /// The document without a tier; itself when there is none of that name. Comments above the tier's name stay.
    ///
    /// - Throws: when the rest is no policy, as when `default_tier` names that tier.
    package func removing(tier name: Identifier) throws(PolicyError) -> PolicyDocument {
        guard let tiers = tree.field("tiers"), tiers.field(name) != nil else {
            var same = self
            same.commentsLost = false
            return same
        }
        return try edited(tree.setting("tiers", to: tiers.setting(name, to: nil)))
    }

    private func edited(_ wanted: JSONValue) throws(PolicyError) -> PolicyDocument {
        let edit = try DocumentEdit(text, file: file)
        let patched = edit.patched(saying: wanted)
        let intended: Policy
        do {
            intended = try Policy(root: PolicyNode(file: file, path: "", node: wanted.node), prices: prices)
        } catch {
            throw patched.flatMap { placed(error, in: $0.text) } ?? error
        }
        var refusal: PolicyError?
        for candidate in [patched, edit.rewritten(saying: wanted)] {
            guard let candidate else { continue }
            do {
                let document = try PolicyDocument(
                    text: candidate.text, file: file, prices: prices, trustsModels: false, commentsLost: candidate.commentsLost)
                if document.policy == intended { return document }
            } catch {
                refusal = error
            }
        }
        // Too long a text, for one.
        throw refusal
            ?? PolicyError(
                file: file, line: 1, column: 1, path: "", problem: "the edited document would not say what was asked for",
                advice: "edit it as a whole")
    }

    /// The same mistake with its line, as the edited text shows it.
    private func placed(_ error: PolicyError, in text: String) -> PolicyError? {
        do {
            _ = try Policy(yaml: text, file: file, prices: prices)
            return nil
        } catch let found {
            return found.path == error.path ? found : nil
        }
    }
}

/// The two ways to make a document say something else.
private struct DocumentEdit {
    typealias Result = (text: String, commentsLost: Bool)
    private let root: PolicyNode
    private let text: DocumentText
    private let writer: DocumentWriter

    init(_ text: String, file: String) throws(PolicyError) {
        root = try parsePolicyText(text, file: file, maximum: PolicyText.maximumPolicy)
        // What the parser saw, for its marks are places in it: only escaped emoji of JSON differ from what ops wrote.
        self.text = DocumentText(joiningSurrogates(text))
        writer = DocumentWriter(isJSON: self.text.isFlow(root.node) && root.node.isJSON, lineBreak: self.text.lineBreak)
    }

    func patched(saying wanted: JSONValue) -> Result? {
        DocumentPatch(text: text, writer: writer).applied(to: root.node, saying: wanted)
    }

    func rewritten(saying wanted: JSONValue) -> Result? {
        (writer.document(wanted), text.hasComment(in: text.scalars.indices))
    }
}
