import Yams

/// Changes inside a collection in brackets, as all of JSON is: its members stand between commas.
struct FlowPatch {
    private let patch: DocumentPatch
    private let members: [DocumentMember]
    /// Where each member ends.
    private let ends: [Int]

    /// nil when a member's end cannot be told.
    init?(patch: DocumentPatch, members: [DocumentMember]) {
        var ends: [Int] = []
        for member in members {
            guard let range = patch.text.range(of: member.node) else { return nil }
            ends.append(range.upperBound)
        }
        self.patch = patch
        self.members = members
        self.ends = ends
    }

    func changes(_ alignment: MemberAlignment) -> [Replacement]? {
        var changes = removals(alignment.removed)
        for (index, value) in alignment.kept.sorted(by: { $0.key < $1.key }) {
            guard let own = patch.changes(ofValue: members[index].node, to: value, limit: 0, inFlow: true) else { return nil }
            changes += own
        }
        for (index, added) in alignment.added { changes.append(insertion(added, after: index)) }
        return changes
    }

    /// A member goes with the comma before it; the first ones with the comma behind.
    private func removals(_ removed: [Int]) -> [Replacement] {
        let leading = removed.enumerated().prefix { $0.offset == $0.element }.count
        var changes = removed.dropFirst(leading).map { Replacement(range: ends[$0 - 1]..<ends[$0], text: "") }
        if leading > 0 { changes.append(Replacement(range: members[0].start..<members[leading].start, text: "")) }
        return changes
    }

    private func insertion(_ added: [MemberAlignment.Member], after index: Int) -> Replacement {
        let neighbour = members[max(index, 0)].start
        let separator =
            patch.text.isFirstOnItsLine(neighbour)
            ? "," + patch.writer.lineBreak + patch.text.indentation(at: neighbour) : ", "
        let texts = added.map { patch.writer.flowKey($0.id) + patch.flowText($0.value, at: neighbour) }
        guard index >= 0 else {
            return Replacement(range: neighbour..<neighbour, text: texts.map { $0 + separator }.joined())
        }
        return Replacement(range: ends[index]..<ends[index], text: texts.map { separator + $0 }.joined())
    }
}

extension DocumentWriter {
    /// `name: ` of an entry; nothing for an item.
    fileprivate func flowKey(_ id: MemberID) -> String {
        guard case .key(let name) = id else { return "" }
        return key(name.text)
    }
}
