package import BudgetModel

/// One entry of a partition's stream, as whoever keeps the ledger gets it.
package struct LedgerEntry: Sendable {
    package enum Content: Sendable {
        case event(LedgerEvent)
        /// What the ledger has of this user from entries before this one is nobody's from now on; later ones are another's.
        case erasure(Identifier)
        /// What ops have decided about a user, for a store that lost it.
        case assignment(AssignmentCopy)
        /// Nothing of ours, or damage: the fields as Redis writes arrays. It is set aside, and worth a word to people.
        case unreadable([UInt8])
    }
    package let id: EventID
    package let content: Content
}

/// An entry as the store gives it, before its attribution is looked up.
struct StreamEntry: Sendable {
    enum Content: Sendable {
        case record(LedgerRecord)
        case erasure(Identifier)
        case assignment(AssignmentCopy)
        case unreadable([UInt8])
    }
    let id: EventID
    let content: Content

    /// nil when this is no entry of a stream.
    init?(_ reply: Reply, partition: Int, _ origins: inout OriginMemory) {
        guard case .array(let parts) = reply, parts.count == 2, let id = parts[0].text.flatMap({ EventID($0, partition: partition) })
        else { return nil }
        self.id = id
        content = Self.content(parts[1], &origins) ?? .unreadable(Self.verbatim(parts[1]))
    }

    /// As the protocol writes it.
    private static func verbatim(_ reply: Reply) -> [UInt8] {
        guard case .array(let words) = reply else { return [] }
        return words.reduce(Array("*\(words.count)\r\n".utf8)) { text, word in
            guard case .bytes(let bytes) = word else { return text }
            return text + Array("$\(bytes.count)\r\n".utf8) + bytes + Array("\r\n".utf8)
        }
    }

    private static func content(_ reply: Reply, _ origins: inout OriginMemory) -> Content? {
        guard case .array(let words) = reply, words.count >= 2, let field = words[0].text, case .bytes(let bytes) = words[1] else {
            return nil
        }
        switch field {
        case "e": return LedgerRecord(EventFields(words), &origins).map(Content.record)
        case "t":
            guard words.count == 6, let user = Keys.user(key: bytes), case .bytes(let assignment) = words[3],
                case .bytes(let grants) = words[5]
            else { return nil }
            return .assignment(AssignmentCopy(user: user, assignment: assignment, grants: grants))
        case "u": return .erasure(Identifier(String(decoding: bytes, as: UTF8.self)))
        default: return nil
        }
    }

    var attribution: AttributionDigest? {
        guard case .record(let record) = content else { return nil }
        return record.attribution
    }

    func entry(_ known: [AttributionDigest: AttributionRecord]) -> LedgerEntry {
        switch content {
        case .record(let record):
            LedgerEntry(id: id, content: .event(record.event(id, record.attribution.flatMap { known[$0] })))
        case .erasure(let user): LedgerEntry(id: id, content: .erasure(user))
        case .assignment(let copy): LedgerEntry(id: id, content: .assignment(copy))
        case .unreadable(let words): LedgerEntry(id: id, content: .unreadable(words))
        }
    }
}

extension EventID {
    /// Of the stream's own id, `1732179600000-0`; nil for something else.
    package init?(_ text: String, partition: Int) {
        let parts = text.split(separator: "-")
        guard parts.count == 2, let milliseconds = Int64(parts[0]), let sequence = Int64(parts[1]) else { return nil }
        self.init(partition: partition, milliseconds: milliseconds, sequence: sequence)
    }

    /// As the stream names it.
    var entry: String { "\(milliseconds)-\(sequence)" }
}
