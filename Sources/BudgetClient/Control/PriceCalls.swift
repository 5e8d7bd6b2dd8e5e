package import Foundation

// Prices and their versions.

extension ControlRequest where Reply == PricesReply {
    /// - Parameter time: RFC 3339; nil is now.
    package static func prices(of model: String?, at time: String?) -> Self {
        Self(.get, "prices").asking("model", model).asking("at", time)
    }
}

extension ControlRequest where Reply == DocumentReply {
    /// A version of the price document; as JSON with who stored it, when and why.
    package static func prices(version: Int, as form: MediaType) -> Self {
        document(Self(.get, "prices", "history", String(version)), form)
    }
}

extension ControlRequest where Reply == StoredReply {
    /// - Parameter effectiveFrom: RFC 3339; nil is now.
    package static func store(prices: Data, as form: MediaType, effectiveFrom: String?) -> Self {
        Self(.put, "prices").asking("effective_from", effectiveFrom).sending(prices, as: form)
    }

    /// Makes a new version of an old one's text.
    /// - Parameter effectiveFrom: RFC 3339; nil is now.
    package static func rollBack(pricesTo version: Int, effectiveFrom: String?, reason: String?) throws -> Self {
        try Self(.post, "prices", "rollback").asking("effective_from", effectiveFrom)
            .sending(RollbackBody(version: version, reason: reason))
    }
}

extension ControlRequest where Reply == ImportReply {
    /// - Parameter catalogue: LiteLLM's `model_prices_and_context_window.json`.
    package static func importPrices(_ catalogue: Data, effectiveFrom: String?) -> Self {
        Self(.post, "prices", "import").asking("effective_from", effectiveFrom).sending(catalogue)
    }
}

extension ControlRequest where Reply == VersionsReply {
    /// Newest first.
    package static func priceHistory(limit: Int) -> Self { Self(.get, "prices", "history").asking("limit", String(limit)) }
}
