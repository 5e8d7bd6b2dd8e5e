import Yams

/// One member of a collection as it stands in the text.
struct DocumentMember {
    let id: MemberID
    let node: Node
    /// Offset of the key, of the dash, or of an item in brackets.
    let start: Int
}

/// What tells a member from its siblings: the key in a mapping; in a list an item's `name`, else the item itself.
enum MemberID: Hashable {
    case key(Identifier)
    case name(Identifier)
    case item(String)

    /// Of an item of a list.
    init(item: JSONValue) {
        guard case .string(let name)? = item.field("name") else {
            self = .item(item.jsonText)
            return
        }
        self = .name(Identifier(name))
    }
}

extension DocumentText {
    /// The members of a collection in their order; nil for a scalar, and where the text is not laid out as expected.
    func members(of node: Node) -> [DocumentMember]? {
        switch node {
        case .mapping(let mapping):
            var members: [DocumentMember] = []
            for (key, value) in mapping {
                guard let name = key.scalar?.string, let start = offset(of: key.mark) else { return nil }
                members.append(DocumentMember(id: .key(Identifier(name)), node: value, start: start))
            }
            return members
        case .sequence(let sequence):
            var members: [DocumentMember] = []
            for item in sequence {
                guard let start = isFlow(node) ? offset(of: item.mark) : dash(before: item) else { return nil }
                members.append(DocumentMember(id: MemberID(item: JSONValue(item)), node: item, start: start))
            }
            return members
        case .scalar, .alias: return nil
        }
    }

    /// The dash that an item of a block sequence follows on its line.
    private func dash(before item: Node) -> Int? {
        guard var at = offset(of: item.mark) else { return nil }
        while at > 0, scalars[at - 1] == " " { at -= 1 }
        return at > 0 && scalars[at - 1] == "-" ? at - 1 : nil
    }
}

/// How the members of a collection become those of another: which stay, which go, which come and after which.
struct MemberAlignment {
    typealias Member = (id: MemberID, name: String, value: JSONValue)

    /// By the index among the old members.
    private(set) var kept: [Int: JSONValue] = [:]
    private(set) var removed: [Int] = []
    /// The new members that follow an old one that is kept; -1 stands before all of them.
    private(set) var added: [Int: [Member]] = [:]

    /// nil when nothing stays, a member is there twice, or items change their order.
    init?(_ old: [DocumentMember], _ value: JSONValue) {
        guard let members = Self.members(of: value) else { return nil }
        let places = Dictionary(old.enumerated().map { ($1.id, $0) }) { first, _ in first }
        guard places.count == old.count, Set(members.map(\.id)).count == members.count else { return nil }
        let isList = if case .array = value { true } else { false }
        var last = -1
        for member in members {
            guard let place = places[member.id] else {
                added[isList ? last : .max, default: []].append(member)
                continue
            }
            guard !isList || place > last else { return nil }
            last = place
            kept[place] = member.value
        }
        guard let end = kept.keys.max() else { return nil }
        removed = old.indices.filter { kept[$0] == nil }
        // The order of keys says nothing: new ones come last.
        if let atEnd = added.removeValue(forKey: .max) { added[end] = atEnd }
    }

    private static func members(of value: JSONValue) -> [Member]? {
        switch value {
        case .object(let fields): fields.map { (.key(Identifier($0.key)), $0.key, $0.value) }
        case .array(let items): items.map { (MemberID(item: $0), "", $0) }
        default: nil
        }
    }
}
