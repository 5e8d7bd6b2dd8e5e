import BudgetModel
import BudgetStore
import Logging

/// The price document: which version is in force, and changes of it.
extension PolicyKeeper {
    /// The prices of now, before the policy's own and before discounts.
    var catalogue: PriceCatalogue { prices?.document.catalogue ?? PriceCatalogue() }

    var priceHistory: PriceHistory {
        PriceHistory(priceVersions.map { .init(number: $0.version, effectiveFrom: $0.effectiveFrom) })
    }

    /// Follows the version whose time has come. Returns whether other prices are in force than before.
    func lookForPrices() async throws -> Bool {
        let latest: Int64 = try await stores.ask { $0.latestVersion(of: .prices, $1) }
        let now = try await stores.now()
        let isDue = nextPrices.map { now >= $0 } ?? false
        guard latest != priceVersions.first?.version ?? 0 || isDue else { return false }
        if latest == 0, let prices {
            logger.warning("the store has lost its prices: storing them again", metadata: ["was": "\(prices.version.version)"])
            let facts = DocumentFacts(
                actor: "token-budget", reason: "the store had lost them; they were version \(prices.version.version)")
            try await storePrices(prices.text, prices.document, facts, basis: 0)
            return true
        }
        priceVersions = try await stores.ask { $0.history(of: .prices, from: latest, count: latest, $1) }
        try await choosePrices(at: now)
        return true
    }

    private func choosePrices(at now: Int64) async throws {
        let due = priceHistory.version(at: now)?.number
        guard due != prices?.version.version else { return }
        prices = nil
        if let due { prices = try await loadPrices(due) }
        logger.notice("prices in force", metadata: ["version": "\(due ?? 0)"])
    }

    /// A version of the prices as the store has it; nil when it is gone.
    func loadPrices(_ version: Int64) async throws -> KeptPrices? {
        let stored: StoredDocument? = try await stores.ask { $0.document(.prices, version: version, $1) }
        guard let stored else { return nil }
        let document = try PriceDocument(yaml: stored.text, file: "prices version \(version)")
        return KeptPrices(version: stored.version, document: document, text: stored.text)
    }

    /// The prices that were or will be in force at a time; nil before the first version.
    func prices(at time: Int64) async throws -> KeptPrices? {
        try await look()
        guard let due = priceHistory.version(at: time)?.number else { return nil }
        return due == prices?.version.version ? prices : try await loadPrices(due)
    }

    /// Every model that any version kept has a price for.
    func everyCatalogue() async throws -> PriceCatalogue {
        var known = catalogue
        for version in priceVersions where version.version != prices?.version.version {
            if let other = try? await loadPrices(version.version) { known = known.over(other.document.catalogue) }
        }
        return known
    }

    /// Stores a price document as a new version.
    /// - Parameter edit: makes the new document, and its text, of the latest one.
    func changePrices(
        _ terms: ChangeTerms, _ edit: @Sendable (PriceDocument) throws -> (PriceDocument, text: String)
    ) async throws -> PricesOutcome {
        try await retrying(terms) { try await self.changePricesInTurn(terms, edit) }
    }

    private func changePricesInTurn(
        _ terms: ChangeTerms, _ edit: @Sendable (PriceDocument) throws -> (PriceDocument, text: String)
    ) async throws -> PricesOutcome {
        try await lookInTurn()
        let before = try await latestPrices()
        if let wanted = terms.ifMatch, !wanted.allows(before?.version.etag) {
            throw BudgetError.versionConflict(before?.version.version ?? 0)
        }
        let (document, text) = try edit(before?.document ?? PriceDocument())
        // What policy names must still have a price, or its next edit would fail for no fault of its own.
        if let policy {
            _ = try PolicyDocument(text: policy.document.text, file: "policy under these prices", prices: document.catalogue)
        }
        var outcome = PricesOutcome(version: before?.version, before: before?.document ?? PriceDocument(), after: document)
        if terms.isDryRun || (text == before?.text && terms.effectiveFrom == nil) { return outcome }
        try await storePrices(text, document, terms.facts, basis: before?.version.version ?? 0)
        try await decide()
        outcome.version = priceVersions.first
        return outcome
    }

    private func latestPrices() async throws -> KeptPrices? {
        guard let latest = priceVersions.first?.version else { return nil }
        return latest == prices?.version.version ? prices : try await loadPrices(latest)
    }

    private func storePrices(_ text: String, _ document: PriceDocument, _ facts: DocumentFacts, basis: Int64) async throws {
        let version: DocumentVersion = try await stores.ask { $0.publish(.prices, text, facts, basis: basis, $1) }
        priceVersions = basis == 0 ? [version] : [version] + priceVersions
        // The clock as it is known here may be behind the one that stamped the version.
        let now = max(try await stores.now(), version.storedAt)
        if priceHistory.version(at: now)?.number == version.version {
            prices = KeptPrices(version: version, document: document, text: text)
            logger.notice("prices in force", metadata: ["version": "\(version.version)", "by": "\(facts.actor)"])
        }
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
