import BudgetModel
package import BudgetStore
package import Logging

/// Keeps this node on the policy that the store holds: looks for changes several times a second, makes changes, tells how it
/// stands. A node whose link is broken, or that cannot read what is stored, goes on with the last good policy and says so.
package actor PolicyKeeper {
    /// A stored policy, read.
    struct Kept: Sendable {
        var version: DocumentVersion
        var document: PolicyDocument
    }

    /// How this node stands to the stored policy.
    package struct Status: Sendable {
        /// nil: there is no policy.
        package var version: Int64?
        /// Why the latest policy is not followed; nil while it is.
        package var problem: String?
        package var isFollowing: Bool { problem == nil }
    }

    let stores: BudgetStores
    let limits: ControlLimits
    let logger: Logger
    /// What decisions follow now.
    private(set) var kept: Kept?
    private var problem: String? = "the store has not been asked yet"
    private let turn = Turn()

    package init(stores: BudgetStores, limits: ControlLimits = ControlLimits(), logger: Logger) {
        self.stores = stores
        self.limits = limits
        self.logger = logger
    }

    package var status: Status { Status(version: kept?.version.version, problem: problem) }

    // MARK: Following

    /// Follows the store until the task is cancelled.
    /// - Parameters:
    ///   - file: a policy file: it seeds a store that has none.
    ///   - applies: the file becomes a new version even where the store has a policy.
    package func follow(file: PolicyFile?, applies: Bool) async {
        var file = file
        var isFirst = true
        while !Task.isCancelled {
            do {
                try await look()
                if let given = file {
                    try await settle(given, applies: applies)
                    file = nil
                }
                problem = nil
                isFirst = false
            } catch {
                report(error, quietly: isFirst)
            }
            try? await Task.sleep(for: limits.followInterval)
        }
    }

    /// Waits until the store has been asked once, or `time` has passed.
    package func waitForFirstLook(within time: Duration) async {
        let deadline = ContinuousClock.now + time
        while problem != nil, kept == nil, ContinuousClock.now < deadline { try? await Task.sleep(for: .milliseconds(5)) }
    }

    /// One line for each new trouble, not five a second.
    private func report(_ error: any Error, quietly: Bool) {
        let why = "\(error)"
        if why != problem, !quietly { logger.warning("the stored policy is not followed", metadata: ["why": "\(why)"]) }
        problem = why
    }

    /// Follows the latest version, if it is not followed yet.
    func look() async throws {
        try await turn.take { try await self.lookInTurn() }
    }

    private func lookInTurn() async throws {
        let latest: Int64 = try await stores.ask { $0.latestVersion(of: .policy, $1) }
        guard latest != kept?.version.version ?? 0 else { return }
        if latest == 0, let kept {
            // A store that lost its data is no reason to decide without a policy, here or on nodes that start later.
            logger.warning("the store has lost its policy: storing it again", metadata: ["was": "\(kept.version.version)"])
            let facts = DocumentFacts(actor: "token-budget", reason: "the store had lost it; it was version \(kept.version.version)")
            _ = try await store(kept.document, facts, basis: 0)
            return
        }
        guard let stored = try await load(latest) else { return }
        if let kept, kept.version.version > latest {
            logger.warning("the store holds an older policy", metadata: ["now": "\(latest)", "was": "\(kept.version.version)"])
        }
        try await adopt(stored)
    }

    /// A version as the store has it; nil when it is gone.
    func load(_ version: Int64) async throws -> Kept? {
        let stored: StoredDocument? = try await stores.ask { $0.document(.policy, version: version, $1) }
        guard let stored else { return nil }
        return Kept(version: stored.version, document: try PolicyDocument(text: stored.text, file: "policy version \(version)"))
    }

    private func adopt(_ next: Kept) async throws {
        try await stores.use(PolicySnapshot(next.document.policy))
        kept = next
        logger.notice("policy in force", metadata: ["version": "\(next.version.version)", "by": "\(next.version.facts.actor)"])
    }

    // MARK: Changing

    /// What stands in the store right now; nil when there is no policy.
    func current() async throws -> Kept? {
        try await look()
        return kept
    }

    /// Stores an edited policy as a new version and follows it at once; tries again on top of changes that come between.
    /// - Parameter edit: makes the new document of the present one.
    func change(_ terms: ChangeTerms, _ edit: @Sendable (PolicyDocument?) throws -> PolicyDocument) async throws -> PolicyOutcome {
        var attempts = limits.editAttempts
        while true {
            do {
                return try await turn.take { try await self.changeInTurn(terms, edit) }
            } catch BudgetError.versionConflict(let latest) {
                attempts -= 1
                guard attempts > 0, terms.ifMatch == nil else { throw BudgetError.versionConflict(latest) }
                try await Task.sleep(for: .milliseconds(Int64.random(in: 1...20)))
            }
        }
    }

    private func changeInTurn(
        _ terms: ChangeTerms, _ edit: @Sendable (PolicyDocument?) throws -> PolicyDocument
    ) async throws -> PolicyOutcome {
        try await lookInTurn()
        let before = kept
        if let wanted = terms.ifMatch, !wanted.allows(before?.version.etag) {
            throw BudgetError.versionConflict(before?.version.version ?? 0)
        }
        let document = try edit(before?.document)
        let diff = PolicyDiff(from: before?.document.policy ?? Policy(), to: document.policy)
        var change = PolicyOutcome(version: before?.version, document: document, diff: diff)
        if terms.isDryRun || document.text == before?.document.text { return change }
        let facts = DocumentFacts(actor: terms.actor, reason: terms.reason, rolledBackTo: terms.rolledBackTo)
        change.version = try await store(document, facts, basis: before?.version.version ?? 0)
        return change
    }

    private func store(_ document: PolicyDocument, _ facts: DocumentFacts, basis: Int64) async throws -> DocumentVersion {
        let text = document.text
        let version: DocumentVersion = try await stores.ask { $0.publish(.policy, text, facts, basis: basis, $1) }
        try await adopt(Kept(version: version, document: document))
        return version
    }

    // MARK: The policy file

    private func settle(_ file: PolicyFile, applies: Bool) async throws {
        guard let kept else {
            _ = try await change(file.terms("the first policy")) { _ in file.document }
            return
        }
        guard kept.document.text != file.document.text else { return }
        if applies { return try await apply(file) }
        logger.warning(
            "the policy file differs from the stored policy, which wins; --policy-apply or SIGHUP stores the file",
            metadata: ["file": "\(file.path)", "version": "\(kept.version.version)"])
    }

    /// Stores a policy file as a new version, unless it is the present one.
    package func apply(_ file: PolicyFile) async throws {
        let change = try await change(file.terms("applied from its file")) { _ in file.document }
        logger.notice(
            "policy file applied", metadata: ["file": "\(file.path)", "version": "\(change.version?.version ?? 0)"])
    }
}

/// Runs one piece of asynchronous work after the other, in the order they came.
private actor Turn {
    private var isTaken = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    func take<Value: Sendable>(_ body: @Sendable () async throws -> Value) async throws -> Value {
        if isTaken { await withCheckedContinuation { waiting.append($0) } }
        isTaken = true
        defer {
            if waiting.isEmpty { isTaken = false } else { waiting.removeFirst().resume() }
        }
        return try await body()
    }
}
