import BudgetModel
import BudgetStore
import Logging

/// The price document: which version is in force, and changes of it.
extension PolicyKeeper {
    /// Puts the versions that are kept into `next`, and of them the one whose time it is.
    func choosePrices(_ next: inout State, _ latest: DocumentMark?, at now: Int64) async throws {
        if latest != state.priceVersions.first?.mark {
            next.priceVersions = []
            if let latest {
                let kept = Int64(DocumentKind.prices.versionsKept)
                next.priceVersions = try await stores.ask { $0.history(of: .prices, from: latest.version, count: kept, $1) }
            }
        }
        // The clock as it is known here may be behind the one that stamped the latest version.
        let time = max(now, next.priceVersions.first.map { min($0.storedAt, now + 1_000) } ?? now)
        next.prices = try await prices(of: next.priceVersions, at: time)
    }

    private func prices(of versions: [DocumentVersion], at time: Int64) async throws -> KeptPrices? {
        guard let due = PriceHistory.due(versions, at: time) else { return nil }
        return due.mark == state.prices?.version.mark ? state.prices : try await loadPrices(due.mark)
    }

    private func loadPrices(_ mark: DocumentMark) async throws -> KeptPrices {
        let stored: StoredDocument? = try await stores.ask { $0.document(.prices, version: mark.version, $1) }
        guard let stored else { throw BudgetError.store(.corrupt("prices version \(mark.version) is not kept")) }
        do throws(PolicyError) {
            let document = try PriceDocument(yaml: stored.text, file: "prices version \(mark.version)")
            return KeptPrices(version: stored.version, document: document, text: stored.text)
        } catch {
            throw Unreadable(kind: .prices, mark: mark, error: error)
        }
    }

    /// The prices that were or will be in force at a time; nil before the first version.
    func prices(at time: Int64) async throws -> KeptPrices? {
        let versions = try await current().priceVersions
        return try await prices(of: versions, at: time)
    }

    // MARK: Changing

    /// Stores a price document as a new version.
    /// - Parameter edit: makes the new document, and its text, of the one that would be in force at its time.
    func changePrices(
        _ terms: ChangeTerms, _ edit: @Sendable (PriceDocument) throws -> (PriceDocument, text: String)
    ) async throws -> PricesOutcome {
        try await retrying(terms) { try await self.changePricesInTurn(terms, edit) }
    }

    private func changePricesInTurn(
        _ terms: ChangeTerms, _ edit: @Sendable (PriceDocument) throws -> (PriceDocument, text: String)
    ) async throws -> PricesOutcome {
        let basis = try await pricesBasis(terms)
        if let wanted = terms.ifMatch, !wanted.allows(basis?.etag) { throw BudgetError.versionConflict(basis?.version ?? 0) }
        let now = try await stores.now()
        let from = terms.effectiveFrom ?? now
        // What was charged is history; only where there is none yet a first version may begin in the past.
        guard from >= now || state.prices == nil else { throw PricesRefused.past }
        let before = try await replaced(at: max(from, now), terms)
        let (document, text) = try edit(before?.document ?? PriceDocument())
        try await check(document, text)
        var outcome = PricesOutcome(
            version: before?.version, before: before?.document ?? PriceDocument(), after: document,
            supersedes: state.history.pending(at: now).filter { $0.effectiveFrom >= from })
        let isSame = text == before?.text && terms.effectiveFrom == nil && outcome.supersedes.isEmpty
        if terms.isDryRun || isSame { return outcome }
        try await storePrices(text, document, terms.facts, basis: basis?.version ?? 0, at: now)
        outcome.version = state.priceVersions.first
        return outcome
    }

    private func pricesBasis(_ terms: ChangeTerms) async throws -> DocumentMark? {
        do {
            try await lookInTurn()
        } catch let error as Unreadable where error.kind == .prices && terms.replacesAll {
            return try await stores.ask { $0.latestMark(of: .prices, $1) }
        }
        return state.priceVersions.first?.mark
    }

    /// What the new version takes the place of.
    private func replaced(at time: Int64, _ terms: ChangeTerms) async throws -> KeptPrices? {
        do {
            return try await prices(of: state.priceVersions, at: time)
        } catch is Unreadable where terms.replacesAll {
            return nil
        }
    }

    /// - Throws: ``PricesRefused`` for what no node could read back, or what the policy in force could not stand with.
    private func check(_ document: PriceDocument, _ text: String) async throws {
        let again: PriceDocument
        do throws(PolicyError) {
            again = try PriceDocument(yaml: text, file: "prices")
        } catch {
            throw PricesRefused.unreadable(error)
        }
        guard again == document else { throw PricesRefused.changesInReading }
        // What policy names must still have a price, or its next edit would fail for no fault of its own.
        guard let policy = state.policy else { return }
        do throws(PolicyError) {
            _ = try PolicyDocument(text: policy.document.text, file: "policy", prices: document.catalogue)
        } catch {
            throw PricesRefused.policyNeedsMore(error)
        }
    }

    /// A policy must stand with prices that are stored already and have not come into force yet.
    func checkAgainstComingPrices(_ document: PolicyDocument) async throws {
        let inForce = state.prices?.version.version ?? 0
        for coming in state.priceVersions where coming.version > inForce && coming.mark != state.prices?.version.mark {
            let prices = try await loadPrices(coming.mark)
            do throws(PolicyError) {
                _ = try PolicyDocument(text: document.text, file: "policy", prices: prices.document.catalogue)
            } catch {
                throw PricesRefused.comingPricesLack(error, coming)
            }
        }
    }

    func storePrices(
        _ text: String, _ document: PriceDocument, _ facts: DocumentFacts, basis: Int64, at now: Int64
    ) async throws {
        let oldestToStay = basis + 1 - Int64(DocumentKind.prices.versionsKept)
        guard state.prices.map({ $0.version.version > oldestToStay }) ?? true else { throw PricesRefused.tooManyScheduled }
        let version: DocumentVersion = try await stores.ask { $0.publish(.prices, text, facts, basis: basis, $1) }
        var next = state
        next.priceVersions = basis == 0 ? [version] : [version] + state.priceVersions
        let time = max(now, version.storedAt)
        if PriceHistory.due(next.priceVersions, at: time)?.mark == version.mark {
            next.prices = KeptPrices(version: version, document: document, text: text)
        }
        try await decide(by: next, at: time)
    }
}

extension PriceHistory {
    /// The version whose time it is.
    static func due(_ versions: [DocumentVersion], at time: Int64) -> DocumentVersion? {
        let history = PriceHistory(versions.map { .init(number: $0.version, effectiveFrom: $0.effectiveFrom) })
        guard let number = history.version(at: time)?.number else { return nil }
        return versions.first { $0.version == number }
    }
}

extension PriceDocument {
    /// As a policy of nothing but these sections, so that differences are told in the same words.
    var asPolicy: Policy {
        var policy = Policy()
        policy.catalogue = catalogue
        policy.discounts = discounts
        return policy
    }
}
