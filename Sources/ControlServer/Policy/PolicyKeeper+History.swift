import BudgetModel
import BudgetStore

/// What was in force earlier.
extension PolicyKeeper {
    /// The policy of a time.
    enum PolicyThen: Sendable {
        /// nil: there was none yet.
        case known(KeptPolicy?)
        /// The versions of that time are no longer kept, or cannot be read.
        case forgotten
    }

    /// A version of a document as it was stored; nil when it is no longer kept.
    func version(_ number: Int64, of kind: DocumentKind) async throws -> StoredDocument? {
        try await stores.ask { $0.document(kind, version: number, $1) }
    }

    /// The policy that was in force at a time, as far as its history tells; of a time to come the present one.
    /// - Parameter time: milliseconds since 1970.
    func policy(at time: Int64) async throws -> PolicyThen {
        guard let present = try await current().policy, time < present.version.storedAt else { return .known(state.policy) }
        let (newest, count) = (present.version.version, Int64(DocumentKind.policy.versionsKept))
        let versions = try await stores.ask { $0.history(of: .policy, from: newest, count: count, $1) }
        guard let then = versions.first(where: { $0.storedAt <= time }) else {
            // What a store had before it lost everything is not known; what was before a first version is: nothing.
            let isFirst = versions.last.map { $0.version == 1 && !$0.facts.isRestored } ?? false
            return isFirst ? .known(nil) : .forgotten
        }
        guard let stored = try await version(then.version, of: .policy),
            let document = try? PolicyDocument(stored: stored.text, file: "policy", prices: state.catalogue)
        else { return .forgotten }
        return .known(KeptPolicy(version: then, document: document))
    }
}

extension DocumentFacts {
    private static let restorer = "token-budget"
    private static let loss = "the store had lost it; "

    /// Of a version that is stored again by a node which still had it.
    static func restoring(_ lost: DocumentVersion) -> DocumentFacts {
        DocumentFacts(actor: restorer, reason: loss + "it was version \(lost.version)", effectiveFrom: lost.facts.effectiveFrom)
    }

    fileprivate var isRestored: Bool { actor == Self.restorer && reason.hasPrefix(Self.loss) }
}
