package import BudgetModel
package import BudgetStore
package import Logging

/// Keeps this node on the policy and the prices that the store holds: looks for changes several times a second, makes changes,
/// tells how it stands. A node whose link is broken, or that cannot read what is stored, goes on with the last good policy and
/// says so.
package actor PolicyKeeper {
    /// A stored policy, read.
    struct KeptPolicy: Sendable {
        var version: DocumentVersion
        var document: PolicyDocument
    }

    /// A stored price document, read.
    struct KeptPrices: Sendable {
        var version: DocumentVersion
        var document: PriceDocument
        var text: String
    }

    /// How this node stands to what is stored.
    package struct Status: Sendable {
        /// nil: there is no policy.
        package var version: Int64?
        /// Why the latest policy or prices are not followed; nil while they are.
        package var problem: String?
        package var isFollowing: Bool { problem == nil }
    }

    let stores: BudgetStores
    let limits: ControlLimits
    let logger: Logger
    let turn = Turn()
    /// What the store holds, as far as it is known.
    var policy: KeptPolicy?
    var prices: KeptPrices?
    /// The version of the policy that every event loop decides by.
    private var inForce: Int64?
    /// Every version of the prices that is kept, the newest first.
    var priceVersions: [DocumentVersion] = []
    /// When other prices come into force by themselves.
    var nextPrices: Int64?
    /// Why the policy file was refused, if it was.
    package private(set) var refusal: PolicyError?
    private var problem: String? = "the store has not been asked yet"

    package init(stores: BudgetStores, limits: ControlLimits = ControlLimits(), logger: Logger) {
        self.stores = stores
        self.limits = limits
        self.logger = logger
    }

    package var status: Status { Status(version: inForce, problem: problem) }

    /// Follows the store until the task is cancelled.
    /// - Parameters:
    ///   - file: a policy file: it seeds a store that has none.
    ///   - applies: the file becomes a new version even where the store has a policy.
    package func follow(file: PolicyFile?, applies: Bool) async {
        var file = file
        while !Task.isCancelled {
            do {
                try await look()
                if let given = file {
                    file = nil
                    do { try await settle(given, applies: applies) } catch let error as PolicyError { refusal = error } catch {
                        file = given
                        throw error
                    }
                }
                problem = nil
            } catch {
                report(error)
            }
            try? await Task.sleep(for: limits.followInterval)
        }
    }

    /// Waits until the store has been asked once, or `time` has passed.
    package func waitForFirstLook(within time: Duration) async {
        let deadline = ContinuousClock.now + time
        while problem != nil, inForce == nil, ContinuousClock.now < deadline { try? await Task.sleep(for: .milliseconds(5)) }
    }

    /// One line for each new trouble, not five a second; none for a store that was never reached: readiness tells of that.
    private func report(_ error: any Error) {
        let why = "\(error)"
        if why != problem, policy != nil { logger.warning("the stored policy is not followed", metadata: ["why": "\(why)"]) }
        problem = why
    }

    // MARK: Looking

    /// What is in force once the store has been asked; nil when there is no policy.
    func current() async throws -> KeptPolicy? {
        try await look()
        return policy
    }

    /// Follows the latest policy and the prices of now, if they are not followed yet.
    func look() async throws {
        try await turn.take { try await self.lookInTurn() }
    }

    func lookInTurn() async throws {
        // Prices first: a policy may name models that only they know.
        let newPrices = try await lookForPrices()
        let newPolicy = try await lookForPolicy()
        if newPrices, !newPolicy, let kept = policy {
            // Its next edit is read with the models of now.
            policy?.document = try await read(kept.document.text, file: "policy version \(kept.version.version)")
        }
        if newPrices || newPolicy { try await decide() }
    }

    private func lookForPolicy() async throws -> Bool {
        let latest: Int64 = try await stores.ask { $0.latestVersion(of: .policy, $1) }
        guard latest != policy?.version.version ?? 0 else { return false }
        if latest == 0, let policy {
            // A store that lost its data is no reason to decide without a policy, here or on nodes that start later.
            logger.warning("the store has lost its policy: storing it again", metadata: ["was": "\(policy.version.version)"])
            let facts = DocumentFacts(actor: "token-budget", reason: "the store had lost it; it was version \(policy.version.version)")
            try await store(policy.document, facts, basis: 0)
            return true
        }
        guard let stored = try await load(latest) else { return false }
        if let policy, policy.version.version > latest {
            logger.warning("the store holds an older policy", metadata: ["now": "\(latest)", "was": "\(policy.version.version)"])
        }
        policy = stored
        logger.notice("policy in force", metadata: ["version": "\(latest)", "by": "\(stored.version.facts.actor)"])
        return true
    }

    /// A version of the policy as the store has it; nil when it is gone.
    func load(_ version: Int64) async throws -> KeptPolicy? {
        let stored: StoredDocument? = try await stores.ask { $0.document(.policy, version: version, $1) }
        guard let stored else { return nil }
        return KeptPolicy(version: stored.version, document: try await read(stored.text, file: "policy version \(version)"))
    }

    /// Reads a stored text. It was good when it was stored: a model that has left the price list since is no mistake of it.
    private func read(_ text: String, file: String) async throws -> PolicyDocument {
        do {
            return try PolicyDocument(text: text, file: file, prices: catalogue)
        } catch let error {
            let known = try await everyCatalogue()
            guard let document = try? PolicyDocument(text: text, file: file, prices: known) else { throw error }
            return document
        }
    }

    /// Lets every event loop decide by the policy and the prices of now.
    func decide() async throws {
        guard let policy else { return }
        let now = try await stores.now()
        let snapshot = PolicySnapshot(policy.document.policy, prices: prices?.document ?? PriceDocument(), at: now)
        try await stores.use(snapshot)
        inForce = policy.version.version
        nextPrices = [snapshot.pricesEnd, priceHistory.nextChange(after: now)].compactMap { $0 }.min()
    }
}

/// Runs one piece of asynchronous work after the other, in the order they came.
actor Turn {
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
