import Yams

/// Changes inside a collection in block style: its members own whole lines.
struct BlockPatch {
    let patch: DocumentPatch
    let node: Node
    let members: [DocumentMember]
    /// The line the collection ends before.
    let limit: Int

    private var text: DocumentText { patch.text }

    func changes(_ alignment: MemberAlignment) -> [Replacement]? {
        var changes: [Replacement] = []
        for (index, value) in alignment.kept.sorted(by: { $0.key < $1.key }) {
            guard let own = change(index, to: value) else { return nil }
            changes += own
        }
        for index in alignment.removed {
            // The first key of a list's item shares its line with the dash.
            guard text.isFirstOnItsLine(members[index].start) else { return nil }
            let lines = lines(of: index)
            changes.append(Replacement(range: text.start(ofLine: lines.lowerBound)..<text.start(ofLine: lines.upperBound), text: ""))
        }
        for (index, added) in alignment.added { changes.append(insertion(added, after: index)) }
        return changes
    }

    /// The lines of a member, without the blank lines and comments before the next one.
    private func lines(of index: Int) -> Range<Int> {
        let first = text.line(at: members[index].start)
        let next = index + 1 < members.count ? text.line(at: members[index + 1].start) : limit
        return first..<text.ownEnd(from: first, to: next, indentation: text.column(of: members[index].start))
    }

    private func change(_ index: Int, to value: JSONValue) -> [Replacement]? {
        let member = members[index]
        let lines = lines(of: index)
        if let changes = patch.changes(ofValue: member.node, to: value, limit: lines.upperBound, inFlow: false) { return changes }
        let range = member.start..<text.end(ofLine: lines.upperBound - 1)
        return [Replacement(range: range, text: written(member.id, value, column: text.column(of: member.start)))]
    }

    private func insertion(_ added: [MemberAlignment.Member], after index: Int) -> Replacement {
        let column = text.column(of: members[0].start)
        let line = index < 0 ? text.firstCommentLine(above: text.line(at: members[0].start)) : lines(of: index).upperBound
        let place = text.start(ofLine: line)
        let lines = added.map { spaces(column) + written($0.id, $0.value, column: column) + patch.writer.lineBreak }
        // The last line of a text may lack its break.
        let isOpen = place > 0 && place == text.end(ofLine: text.line(at: place - 1))
        return Replacement(range: place..<place, text: (isOpen ? patch.writer.lineBreak : "") + lines.joined())
    }

    private func written(_ id: MemberID, _ value: JSONValue, column: Int) -> String {
        guard case .key(let name) = id else { return patch.writer.item(value, indentation: column) }
        return patch.writer.entry(name.text, value, indentation: column)
    }
}
