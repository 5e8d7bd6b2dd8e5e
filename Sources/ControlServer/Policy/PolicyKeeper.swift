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

    /// What this node decides by. Changed as a whole, and only once every event loop decides by it.
    struct State: Sendable {
        var policy: KeptPolicy?
        /// The version of the prices whose time it is.
        var prices: KeptPrices?
        /// Every version of the prices that is kept, the newest first.
        var priceVersions: [DocumentVersion] = []
        /// When other prices come into force by themselves, milliseconds since 1970.
        var nextPrices: Int64?

        var catalogue: PriceCatalogue { prices?.document.catalogue ?? PriceCatalogue() }
        var history: PriceHistory {
            PriceHistory(priceVersions.map { .init(number: $0.version, effectiveFrom: $0.effectiveFrom) })
        }
    }

    /// How this node stands to what is stored.
    package struct Status: Sendable {
        /// The version of the policy that decides; nil: there is none.
        package var version: Int64?
        /// Why the latest policy or prices are not followed; nil while they are.
        package var problem: String?
        package var isFollowing: Bool { problem == nil }
    }

    /// What is stored, and this version cannot read it.
    struct Unreadable: Error, CustomStringConvertible {
        var kind: DocumentKind
        var mark: DocumentMark
        var error: PolicyError
        var description: String { "the stored \(kind.rawValue), version \(mark.version), cannot be read: \(error)" }
    }

    let stores: BudgetStores
    let limits: ControlLimits
    let logger: Logger
    let turn = Turn()
    var state = State()
    /// Why the policy file was refused, if it was.
    package var refusal: PolicyError?
    private var problem: String? = "the store has not been asked yet"
    /// The store was asked, and the policy file is stored, refused or set aside.
    private var isSettled = false

    package init(stores: BudgetStores, limits: ControlLimits = ControlLimits(), logger: Logger) {
        self.stores = stores
        self.limits = limits
        self.logger = logger
    }

    /// IANA name of the zone of the policy that decides; nil without one.
    package var timeZone: String? { state.policy?.document.policy.timeZone }

    package var status: Status { Status(version: state.policy?.version.version, problem: problem) }

    /// Follows the store until the task is cancelled.
    /// - Parameters:
    ///   - file: a policy file: it seeds a store that has none.
    ///   - applies: the file becomes a new version even where the store has a policy.
    package func follow(file: PolicyFile?, applies: Bool) async {
        while !Task.isCancelled {
            do {
                try await look()
                if !isSettled, let file { try await settle(file, applies: applies) }
                isSettled = true
                problem = state.policy == nil ? refusal?.description : nil
            } catch {
                report(error)
            }
            try? await Task.sleep(for: limits.followInterval)
        }
    }

    /// Waits until the store has been asked and the policy file dealt with, or `time` has passed.
    package func waitForFirstLook(within time: Duration) async {
        let deadline = ContinuousClock.now + time
        while !isSettled, ContinuousClock.now < deadline { try? await Task.sleep(for: .milliseconds(5)) }
    }

    /// One line for each new trouble, not five a second; none for a store that was never reached: readiness tells of that.
    private func report(_ error: any Error) {
        let why = "\(error)"
        if why != problem, state.policy != nil || error is Unreadable {
            logger.warning("the stored policy is not followed", metadata: ["why": "\(why)"])
        }
        problem = why
    }

    // MARK: Looking

    /// What decides once the store has been asked.
    /// - Throws: ``Unreadable``, ``BudgetError``.
    func current() async throws -> State {
        try await look()
        return state
    }

    /// Follows the latest policy and the prices of now, if they are not followed yet.
    func look() async throws {
        try await turn.take { try await self.lookInTurn() }
    }

    func lookInTurn() async throws {
        let policyMark: DocumentMark? = try await stores.ask { $0.latestMark(of: .policy, $1) }
        let pricesMark: DocumentMark? = try await stores.ask { $0.latestMark(of: .prices, $1) }
        if try await restore(policyMark, pricesMark) { return }
        let now = try await stores.now()
        var next = state
        // Another version's time has come, or a discount begins or ends.
        let isDue = state.nextPrices.map { now >= $0 } ?? false
        if pricesMark != state.priceVersions.first?.mark || isDue {
            try await choosePrices(&next, pricesMark, at: now)
        }
        if policyMark != state.policy?.version.mark {
            next.policy = nil
            if let policyMark { next.policy = try await load(policyMark, next.catalogue) }
        } else if let kept = state.policy, next.prices?.version.mark != state.prices?.version.mark {
            // Its next edit is read with the models of now.
            let document = try read(kept.document.text, kept.version.mark, next.catalogue)
            next.policy = KeptPolicy(version: kept.version, document: document)
        }
        if next.policy?.version.mark != state.policy?.version.mark || next.prices?.version.mark != state.prices?.version.mark
            || next.priceVersions.first?.mark != state.priceVersions.first?.mark || isDue
        {
            try await decide(by: next, at: now)
        }
    }

    /// A store that lost its data is no reason to decide without a policy, here or on nodes that start later.
    private func restore(_ policyMark: DocumentMark?, _ pricesMark: DocumentMark?) async throws -> Bool {
        let now = try await stores.now()
        if pricesMark == nil, let lost = state.prices {
            logger.warning("the store has lost its prices: storing them again", metadata: ["was": "\(lost.version.version)"])
            try await storePrices(lost.text, lost.document, .restoring(lost.version), basis: 0, at: now)
            return true
        }
        if policyMark == nil, let lost = state.policy {
            logger.warning("the store has lost its policy: storing it again", metadata: ["was": "\(lost.version.version)"])
            try await store(lost.document, .restoring(lost.version), basis: 0)
            return true
        }
        return false
    }

    private func load(_ mark: DocumentMark, _ prices: PriceCatalogue) async throws -> KeptPolicy? {
        let stored: StoredDocument? = try await stores.ask { $0.document(.policy, version: mark.version, $1) }
        guard let stored else { throw BudgetError.store(.corrupt("the stored policy has a number and no text")) }
        return KeptPolicy(version: stored.version, document: try read(stored.text, mark, prices))
    }

    private func read(_ text: String, _ mark: DocumentMark, _ prices: PriceCatalogue) throws -> PolicyDocument {
        do throws(PolicyError) {
            return try PolicyDocument(stored: text, file: "policy version \(mark.version)", prices: prices)
        } catch {
            throw Unreadable(kind: .policy, mark: mark, error: error)
        }
    }

    /// Lets every event loop decide by `next`, and only then takes it as what decides.
    func decide(by next: State, at now: Int64) async throws {
        var next = next
        var nextPrices = next.history.nextChange(after: now)
        if let policy = next.policy {
            let snapshot = PolicySnapshot(policy.document.policy, prices: next.prices?.document ?? PriceDocument(), at: now)
            try await stores.use(snapshot)
            nextPrices = [nextPrices, snapshot.pricesEnd].compactMap { $0 }.min()
        }
        next.nextPrices = nextPrices
        let before = state
        state = next
        if let version = next.policy?.version, version.mark != before.policy?.version.mark {
            logger.notice("policy in force", metadata: ["version": "\(version.version)", "by": "\(version.facts.actor)"])
        }
        if let version = next.prices?.version, version.mark != before.prices?.version.mark {
            logger.notice("prices in force", metadata: ["version": "\(version.version)", "by": "\(version.facts.actor)"])
        }
    }
}
