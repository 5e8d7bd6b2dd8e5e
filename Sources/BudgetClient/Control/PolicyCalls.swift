package import Foundation

// The policy, its versions and its tiers.

extension ControlRequest where Reply == DocumentReply {
    /// The current policy: as YAML it is the text ops wrote.
    package static func policy(as form: MediaType) -> Self { document(Self(.get, "policy"), form) }

    /// A version of the policy; as JSON with who stored it, when and why.
    package static func policy(version: Int, as form: MediaType) -> Self {
        document(Self(.get, "policy", "history", String(version)), form)
    }

    /// A tier's section as the policy has it, to be put back edited; the answer's entity tag is the policy's.
    package static func tierSection(_ tier: String) -> Self { Self(.get, "tiers", tier) }

    static func document(_ request: Self, _ form: MediaType) -> Self {
        var request = request
        request.accept = form
        return request
    }
}

extension ControlRequest where Reply == StoredReply {
    package static func store(policy: Data, as form: MediaType) -> Self { Self(.put, "policy").sending(policy, as: form) }

    /// Makes a new version of an old one's text.
    package static func rollBack(to version: Int, reason: String?) throws -> Self {
        try Self(.post, "policy", "rollback").sending(RollbackBody(version: version, reason: reason))
    }

    /// - Parameter section: JSON, as `tierSection` answers it.
    package static func store(tier: String, section: Data) -> Self { Self(.put, "tiers", tier).sending(section) }

    package static func delete(tier: String) -> Self { Self(.delete, "tiers", tier) }
}

extension ControlRequest where Reply == VersionsReply {
    /// Newest first.
    package static func policyHistory(limit: Int, before version: Int? = nil) -> Self {
        Self(.get, "policy", "history").asking("limit", String(limit)).asking("before", version.map(String.init))
    }
}

extension ControlRequest where Reply == TiersReply {
    package static var tiers: Self { Self(.get, "tiers") }
}

extension ControlRequest where Reply == TierReply {
    package static func tier(_ tier: String) -> Self { Self(.get, "tiers", tier) }
}

struct RollbackBody: Encodable {
    var version: Int
    var reason: String?
}
