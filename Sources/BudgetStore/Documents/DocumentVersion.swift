import BudgetModel

/// The documents that live in the store, each with its history.
package enum DocumentKind: String, CaseIterable, Sendable {
    case policy, prices

    /// Most versions kept; the oldest goes when there are more. A policy is a few kilobytes, a catalogue half a megabyte.
    package var versionsKept: Int {
        switch self {
        case .policy: 1_000
        case .prices: 100
        }
    }
}

/// Names one text among all that a store ever had: a store that was restored may have another under the same number.
package struct DocumentMark: Hashable, Sendable {
    package var version: Int64
    package var digest: String

    /// `"12-9f2c1a7b"`, as `ETag` shows it.
    package var etag: String { "\"\(version)-\(digest)\"" }

    package init(version: Int64, digest: String) {
        self.version = version
        self.digest = digest
    }
}

/// What is known of one version besides its text.
package struct DocumentFacts: Hashable, Sendable {
    /// Who stored it.
    package var actor: String
    /// Why; may be empty.
    package var reason: String
    /// The version it brought back.
    package var rolledBackTo: Int64?
    /// From when on it holds, milliseconds since 1970; nil: from when it was stored. For prices.
    package var effectiveFrom: Int64?
    /// Of its text.
    package var bytes = 0
    /// First 8 hexadecimal digits of its text's SHA-256.
    package var digest = ""

    package init(actor: String, reason: String, rolledBackTo: Int64? = nil, effectiveFrom: Int64? = nil) {
        self.actor = actor
        self.reason = reason
        self.rolledBackTo = rolledBackTo
        self.effectiveFrom = effectiveFrom
    }
}

/// One version of a document in a history.
package struct DocumentVersion: Hashable, Sendable {
    /// From 1, one more with every change.
    package var version: Int64
    /// When it was stored, by the store's clock, milliseconds since 1970.
    package var storedAt: Int64
    package var facts: DocumentFacts

    package var mark: DocumentMark { DocumentMark(version: version, digest: facts.digest) }
    package var etag: String { mark.etag }
    /// From when on it holds.
    package var effectiveFrom: Int64 { facts.effectiveFrom ?? storedAt }

    /// Reads `m:V`; nil when the bytes are damaged.
    init?(_ version: Int64, _ bytes: [UInt8]) {
        var reader = Unpacker(bytes)
        storedAt = reader.time()
        guard !reader.isBroken, let facts = DocumentFacts(json: bytes.dropFirst(6)) else { return nil }
        self.version = version
        self.facts = facts
    }

    init(_ version: Int64, storedAt: Int64, _ facts: DocumentFacts) {
        self.version = version
        self.storedAt = storedAt
        self.facts = facts
    }
}

/// A version with its text.
package struct StoredDocument: Sendable {
    package var version: DocumentVersion
    package var text: String
}

extension DocumentFacts {
    var json: [UInt8] {
        JSONText.object(capacity: 256) { json in
            json.text("actor", actor)
            json.text("reason", reason)
            json.text("digest", digest)
            json.key("bytes")
            json.integer(Int64(bytes))
            if let rolledBackTo {
                json.key("rolled_back_to")
                json.integer(rolledBackTo)
            }
            if let effectiveFrom {
                json.key("effective_from")
                json.integer(effectiveFrom)
            }
        }
    }

    /// nil when the bytes are no facts.
    init?(json: some Sequence<UInt8>) {
        guard let value = try? JSONValue(parsing: json), let actor = value["actor"]?.text, let reason = value["reason"]?.text,
            let digest = value["digest"]?.text, let bytes = value["bytes"]?.integer
        else { return nil }
        self.init(
            actor: actor, reason: reason, rolledBackTo: value["rolled_back_to"]?.integer,
            effectiveFrom: value["effective_from"]?.integer)
        self.bytes = Int(bytes)
        self.digest = digest
    }
}
