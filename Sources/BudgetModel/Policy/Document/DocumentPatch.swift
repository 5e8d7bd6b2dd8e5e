import Yams

/// A part of the text and what stands in its place.
struct Replacement {
    let range: Range<Int>
    let text: String
}

/// Finds the least of a document's text that must change for it to say something else: one scalar where that is enough, else
/// the entry, item or bracketed collection around it. Where even that cannot be told from the text there is no patch.
///
/// Nothing here has to be right about every corner of YAML: whoever uses the patched text reads it again and compares.
struct DocumentPatch {
    let text: DocumentText
    let writer: DocumentWriter

    /// The patched text, and whether a comment stood in a part that was written anew.
    func applied(to root: Node, saying value: JSONValue) -> (text: String, commentsLost: Bool)? {
        guard let replacements = changes(root, to: value, limit: text.lineCount) else { return nil }
        var scalars = text.scalars
        // From the end, so that offsets stay true. Of several insertions at one place those of inner parts are listed first.
        let ordered = replacements.enumerated().sorted {
            ($0.element.range.lowerBound, $0.element.range.upperBound, $0.offset)
                > ($1.element.range.lowerBound, $1.element.range.upperBound, $1.offset)
        }
        for (_, replacement) in ordered {
            scalars.replaceSubrange(replacement.range, with: Array(replacement.text.unicodeScalars))
        }
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        return (String(view), replacements.contains { text.hasComment(in: $0.range) })
    }

    /// What to replace so that `node`, which ends before the line `limit`, says `value`; nil when it must be written anew.
    private func changes(_ node: Node, to value: JSONValue, limit: Int) -> [Replacement]? {
        if JSONValue(node).means(value) { return [] }
        guard let members = text.members(of: node), isSameKind(node, value), let alignment = MemberAlignment(members, value) else {
            return nil
        }
        return text.isFlow(node)
            ? FlowPatch(patch: self, members: members)?.changes(alignment)
            : BlockPatch(patch: self, node: node, members: members, limit: limit).changes(alignment)
    }

    /// The changes of a member's value; failing that the value itself anew, if it has an end and fits where it stands.
    func changes(ofValue node: Node, to value: JSONValue, limit: Int, inFlow: Bool) -> [Replacement]? {
        if JSONValue(node).means(value) { return [] }
        if !inFlow, outgrowsItsLine(node, value) { return nil }
        if let changes = changes(node, to: value, limit: limit) { return changes }
        guard let range = text.range(of: node) else { return nil }
        guard inFlow || writer.fitsOneLine(value, column: text.column(of: range.lowerBound)) else { return nil }
        return [Replacement(range: range, text: inFlow ? flowText(value, at: range.lowerBound) : valueText(value, insteadOf: node))]
    }

    /// Whether a bracketed value fitted on a line and does not any more: it goes on as a block. What ops wrote wide stays wide.
    private func outgrowsItsLine(_ node: Node, _ value: JSONValue) -> Bool {
        guard text.isFlow(node), let start = text.offset(of: node.mark) else { return false }
        let column = text.column(of: start)
        return writer.fitsOneLine(JSONValue(node), column: column) && !writer.fitsOneLine(value, column: column)
    }

    /// Text in quotes stays in quotes.
    private func valueText(_ value: JSONValue, insteadOf node: Node) -> String {
        if case .string(let text) = value, let old = node.scalar, old.style != .plain { return jsonString(text) }
        return writer.inline(value)
    }

    /// In brackets: over several lines where the document does the same.
    func flowText(_ value: JSONValue, at offset: Int) -> String {
        guard writer.isJSON, text.lineCount > 2 else { return writer.inline(value) }
        return writer.spread(value, indentation: text.indentation(at: offset).unicodeScalars.count)
    }
}

private func isSameKind(_ node: Node, _ value: JSONValue) -> Bool {
    switch (node, value) {
    case (.mapping, .object), (.sequence, .array): true
    default: false
    }
}
