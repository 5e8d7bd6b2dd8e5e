import BudgetModel
import BudgetStore
import Logging

/// Changes of the policy.
extension PolicyKeeper {
    /// Stores an edited policy as a new version and follows it at once; tries again on top of changes that come between.
    /// - Parameter edit: makes the new document of the present one, given the prices of now. An edit that replaces the whole
    ///   is made even where what is stored cannot be read.
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
        let basis = try await policyBasis(terms)
        if let wanted = terms.ifMatch, !wanted.allows(basis?.etag) { throw BudgetError.versionConflict(basis?.version ?? 0) }
        let before = basis == state.policy?.version.mark ? state.policy : nil
        let document = try edit(before?.document, state.catalogue)
        try await checkAgainstComingPrices(document)
        let diff = PolicyDiff(from: before?.document.policy ?? Policy(), to: document.policy)
        var outcome = PolicyOutcome(version: before?.version, document: document, diff: diff)
        if terms.isDryRun || document.text == before?.document.text { return outcome }
        try await store(document, terms.facts, basis: basis?.version ?? 0)
        outcome.version = state.policy?.version
        return outcome
    }

    /// The version a change builds upon; nil when there is none.
    private func policyBasis(_ terms: ChangeTerms) async throws -> DocumentMark? {
        do {
            try await lookInTurn()
        } catch let error as Unreadable where error.kind == .policy && terms.replacesAll {
            return error.mark
        }
        return state.policy?.version.mark
    }

    func store(_ document: PolicyDocument, _ facts: DocumentFacts, basis: Int64) async throws {
        let text = document.text
        let version: DocumentVersion = try await stores.ask { $0.publish(.policy, text, facts, basis: basis, $1) }
        var next = state
        next.policy = KeptPolicy(version: version, document: document)
        try await decide(by: next, at: try await stores.now())
    }

    // MARK: The policy file

    /// Makes the file the first policy, or with `applies` the next one; a stored policy wins otherwise.
    func settle(_ file: PolicyFile, applies: Bool) async throws {
        do {
            if applies { return try await apply(file) }
            try await turn.take { try await self.seed(file) }
        } catch let error as PolicyError {
            logger.error("the policy file is refused", metadata: ["why": "\(error)"])
            refusal = error
            return
        } catch BudgetError.versionConflict {
            try await look()  // another node was first
        }
        guard let policy = state.policy, policy.document.text != file.text else { return }
        logger.warning(
            "the policy file differs from the stored policy, which wins; --policy-apply or SIGHUP stores the file",
            metadata: ["file": "\(file.path)", "version": "\(policy.version.version)"])
    }

    private func seed(_ file: PolicyFile) async throws {
        try await lookInTurn()
        guard state.policy == nil else { return }
        let document = try file.document(prices: state.catalogue)
        try await store(document, file.terms("the first policy").facts, basis: 0)
    }

    /// Stores a policy file as a new version, unless it is the present one.
    /// - Throws: ``PolicyError`` with file and line; the policy then stays as it is.
    package func apply(_ file: PolicyFile) async throws {
        let outcome = try await change(file.terms("applied from its file")) { try file.document(prices: $1) }
        logger.notice(
            "policy file applied", metadata: ["file": "\(file.path)", "version": "\(outcome.version?.version ?? 0)"])
    }
}
