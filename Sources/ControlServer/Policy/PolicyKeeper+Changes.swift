import BudgetModel
import BudgetStore
import Logging

/// Changes of the policy.
extension PolicyKeeper {
    /// Stores an edited policy as a new version and follows it at once; tries again on top of changes that come between.
    /// - Parameter edit: makes the new document of the present one, given the prices of now.
    func change(
        _ terms: ChangeTerms, _ edit: @Sendable (PolicyDocument?, PriceCatalogue) throws -> PolicyDocument
    ) async throws -> PolicyOutcome {
        try await retrying(terms) { try await self.changeInTurn(terms, edit) }
    }

    /// Again on top of what came between, unless the caller insists on the version known.
    func retrying<Value: Sendable>(
        _ terms: ChangeTerms, _ body: @Sendable () async throws -> Value
    ) async throws -> Value {
        var attempts = limits.editAttempts
        while true {
            do {
                return try await turn.take(body)
            } catch BudgetError.versionConflict(let latest) {
                attempts -= 1
                guard attempts > 0, terms.ifMatch == nil else { throw BudgetError.versionConflict(latest) }
                try await Task.sleep(for: .milliseconds(Int64.random(in: 1...20)))
            }
        }
    }

    private func changeInTurn(
        _ terms: ChangeTerms, _ edit: @Sendable (PolicyDocument?, PriceCatalogue) throws -> PolicyDocument
    ) async throws -> PolicyOutcome {
        try await lookInTurn()
        let before = policy
        if let wanted = terms.ifMatch, !wanted.allows(before?.version.etag) {
            throw BudgetError.versionConflict(before?.version.version ?? 0)
        }
        let document = try edit(before?.document, catalogue)
        let diff = PolicyDiff(from: before?.document.policy ?? Policy(), to: document.policy)
        var outcome = PolicyOutcome(version: before?.version, document: document, diff: diff)
        if terms.isDryRun || document.text == before?.document.text { return outcome }
        try await store(document, terms.facts, basis: before?.version.version ?? 0)
        try await decide()
        outcome.version = policy?.version
        return outcome
    }

    func store(_ document: PolicyDocument, _ facts: DocumentFacts, basis: Int64) async throws {
        let text = document.text
        let version: DocumentVersion = try await stores.ask { $0.publish(.policy, text, facts, basis: basis, $1) }
        policy = KeptPolicy(version: version, document: document)
        logger.notice("policy in force", metadata: ["version": "\(version.version)", "by": "\(facts.actor)"])
    }

    // MARK: The policy file

    func settle(_ file: PolicyFile, applies: Bool) async throws {
        guard let policy else {
            _ = try await change(file.terms("the first policy")) { try file.document(prices: $1) }
            return
        }
        guard policy.document.text != file.text else { return }
        if applies { return try await apply(file) }
        logger.warning(
            "the policy file differs from the stored policy, which wins; --policy-apply or SIGHUP stores the file",
            metadata: ["file": "\(file.path)", "version": "\(policy.version.version)"])
    }

    /// Stores a policy file as a new version, unless it is the present one.
    /// - Throws: ``PolicyError`` with file and line; the policy then stays as it is.
    package func apply(_ file: PolicyFile) async throws {
        let outcome = try await change(file.terms("applied from its file")) { try file.document(prices: $1) }
        logger.notice(
            "policy file applied", metadata: ["file": "\(file.path)", "version": "\(outcome.version?.version ?? 0)"])
    }
}
