import BudgetHTTP
import BudgetModel
import BudgetStore
import HTTPTypes
import NIOCore

/// `/v1/policy`: the document, its changes, its history.
extension ControlDesk {
    func policy(_ limits: ControlLimits) -> [Endpoint] {
        [
            Endpoint(.get, "/v1/policy", .read, body: 0) { try await self.showPolicy($0) },
            Endpoint(.put, "/v1/policy", .change, body: limits.body) { try await self.putPolicy($0) },
            Endpoint(.get, "/v1/policy/history", .read, body: 0) { try await self.policyHistory($0) },
            Endpoint(.get, "/v1/policy/history/{version}", .read, body: 0) { try await self.policyVersion($0) },
            Endpoint(.post, "/v1/policy/rollback", .change, body: limits.body) { try await self.rollBack($0) },
        ]
    }

    /// The policy in force.
    /// - Throws: 404 `no_policy`.
    func policyInForce() async throws -> PolicyKeeper.KeptPolicy {
        guard let kept = try await keeper.current().policy else {
            throw Problem.noPolicy
        }
        return kept
    }

    private func showPolicy(_ call: ControlCall) async throws -> ControlAnswer {
        try call.query.allowOnly([])
        let kept = try await policyInForce()
        var answer =
            call.wantsYAML
            ? ControlAnswer(contentType: "application/yaml", Array(kept.document.text.utf8))
            : ControlAnswer(contentType: "application/json", kept.document.json)
        answer.fields[.eTag] = kept.version.etag
        answer.fields[.vary] = "accept"
        return answer
    }

    private func putPolicy(_ call: ControlCall) async throws -> ControlAnswer {
        try call.query.allowOnly(["dry_run", "reason"])
        let text = try call.policyText()
        var terms = try call.terms()
        terms.replacesAll = true
        let outcome = try await keeper.change(terms) { _, prices in try PolicyDocument.sent(text, prices) }
        try await awaitClaim(after: outcome)
        return ControlAnswer(outcome, isDryRun: try call.query.flag("dry_run"))
    }

    /// A store's first policy is also what its ledger waits for: the answer comes when decisions can be asked for.
    func awaitClaim(after outcome: PolicyOutcome) async throws {
        guard outcome.version?.version == 1 else { return }
        let deadline = ContinuousClock.now + keeper.limits.claimPatience
        while try await stores.obstacle() == .storeUnclaimed, ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    private func policyHistory(_ call: ControlCall) async throws -> ControlAnswer {
        let (versions, latest) = try await history(of: .policy, call)
        return ControlAnswer { json in
            json.key("versions")
            json.array { json in
                for version in versions {
                    json.object { json in json.facts(of: version, isCurrent: version.version == latest) }
                }
            }
        }
    }

    /// The versions `?before=` and `?limit=` ask for, the newest first, and the number of the latest.
    func history(of kind: DocumentKind, _ call: ControlCall) async throws -> (versions: [DocumentVersion], latest: Int64) {
        try call.query.allowOnly(["before", "limit"])
        let before = try call.query.integer("before", in: 1...Int(Amount.maximum))
        let limit = try call.query.integer("limit", in: 1...1_000) ?? 50
        let mark: DocumentMark? = try await stores.ask { $0.latestMark(of: kind, $1) }
        let latest = mark?.version ?? 0
        let newest = min(before.map { Int64($0) - 1 } ?? latest, latest)
        return (try await stores.ask { $0.history(of: kind, from: newest, count: Int64(limit), $1) }, latest)
    }

    private func policyVersion(_ call: ControlCall) async throws -> ControlAnswer {
        try call.query.allowOnly([])
        let stored = try await self.version(call.version(), of: .policy, status: 404)
        guard !call.wantsYAML else { return ControlAnswer(contentType: "application/yaml", Array(stored.text.utf8)) }
        let mark: DocumentMark? = try await stores.ask { $0.latestMark(of: .policy, $1) }
        // An old version may say what this one no longer reads; its text is shown all the same.
        let document = try? PolicyDocument(stored: stored.text, file: "policy", prices: PriceCatalogue())
        return ControlAnswer { json in
            json.facts(of: stored.version, isCurrent: stored.version.mark == mark)
            json.key("policy")
            if let document { json.raw(document.json) } else { json.null() }
            json.text("text", stored.text)
        }
    }

    /// - Parameter status: of the answer when it is not there: 404 where the path names it.
    func version(_ version: Int64, of kind: DocumentKind, status: Int) async throws -> StoredDocument {
        guard let stored = try await keeper.version(version, of: kind) else {
            throw Problem(
                status, "unknown_version", "Unknown version", "There is no version \(version), or it is no longer kept.",
                pointer: "/version")
        }
        return stored
    }

    private func rollBack(_ call: ControlCall) async throws -> ControlAnswer {
        try call.query.allowOnly(["dry_run", "reason"])
        let body = try RollbackBody(call)
        let target = try await version(body.version, of: .policy, status: 422)
        var terms = try call.terms(body.reason)
        terms.rolledBackTo = body.version
        terms.replacesAll = true
        let outcome = try await keeper.change(terms) { _, prices in try PolicyDocument.sent(target.text, prices) }
        return ControlAnswer(outcome, isDryRun: terms.isDryRun) { json in
            json.key("rolled_back_to")
            json.integer(body.version)
        }
    }
}

extension ControlCall {
    /// Who changes what why, on which condition.
    func terms(_ reason: String? = nil) throws(Problem) -> ChangeTerms {
        ChangeTerms(
            actor: actor, reason: try self.reason(reason), isDryRun: try query.flag("dry_run"),
            ifMatch: head.headerFields[.ifMatch].map { EntityTags($0) })
    }

    /// The version of a document that the path names.
    func version() throws(Problem) -> Int64 {
        guard let version = parameters["version"].flatMap({ Int64($0) }), version > 0 else {
            throw Problem(400, "invalid_version", "Malformed request", "A version is a number such as 3.", pointer: "/version")
        }
        return version
    }

    /// The body as the text of a policy or price document.
    func policyText() throws(Problem) -> String {
        guard isJSON || Self.yamlTypes.contains(mediaType) else { throw .unsupportedMediaType("application/yaml") }
        // What YAML lets pass besides - comments, a comma too many - is a mistake in what is said to be JSON.
        if isJSON { try read { (reader) throws(JSONError) in try reader.pass() } }
        guard let text = String(validating: body.readableBytesView, as: UTF8.self) else {
            throw Problem(400, "malformed_policy", "Malformed document", "The body is not UTF-8.", pointer: "")
        }
        return text
    }

    static let yamlTypes: Set = ["application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml"]
}

extension PolicyDocument {
    /// A policy that somebody sent.
    fileprivate static func sent(_ text: String, _ prices: PriceCatalogue) throws(Problem) -> PolicyDocument {
        do throws(PolicyError) {
            return try PolicyDocument(text: text, prices: prices)
        } catch {
            throw Problem(error)
        }
    }
}

extension ControlAnswer {
    /// What a change of the policy did or would do.
    init(_ outcome: PolicyOutcome, isDryRun: Bool, _ more: (inout JSONText) -> Void = { _ in }) {
        self.init { json in
            json.key("version")
            if let version = outcome.version { json.integer(version.version) } else { json.null() }
            more(&json)
            json.flag("dry_run", isDryRun)
            json.key("changes")
            json.raw(outcome.diff.json)
            json.key("warnings")
            json.array { json in for warning in outcome.document.policy.warnings { json.string(warning) } }
            if outcome.document.commentsLost { json.flag("comments_lost", true) }
        }
        fields[.eTag] = outcome.version?.etag
    }
}

extension JSONText {
    /// One version in a history, into an open object.
    mutating func facts(of version: DocumentVersion, isCurrent: Bool) {
        key("version")
        integer(version.version)
        flag("current", isCurrent)
        key("at")
        time(version.storedAt)
        text("actor", version.facts.actor)
        text("reason", version.facts.reason)
        key("bytes")
        integer(Int64(version.facts.bytes))
        if let target = version.facts.rolledBackTo {
            key("rolled_back_to")
            integer(target)
        }
    }
}
