import BudgetHTTP
import BudgetModel
import BudgetStore
import HTTPTypes

/// `/v1/prices/history` and `/v1/prices/rollback`: the versions of the price document, and an old one once more.
extension ControlDesk {
    func priceVersions(_ limits: ControlLimits) -> [Endpoint] {
        [
            Endpoint(.get, "/v1/prices/history", .read, body: 0) { try await self.priceHistory($0) },
            Endpoint(.get, "/v1/prices/history/{version}", .read, body: 0) { try await self.priceVersion($0) },
            Endpoint(.post, "/v1/prices/rollback", .change, body: limits.body) { try await self.rollBackPrices($0) },
        ]
    }

    private func priceHistory(_ call: ControlCall) async throws -> ControlAnswer {
        let versions = try await history(of: .prices, call).versions
        let all = try await keeper.current().history
        let inForce = all.version(at: try await stores.now())?.number
        return ControlAnswer { json in
            json.key("versions")
            json.array { json in
                for version in versions { json.object { $0.facts(ofPrices: version, in: all, inForce: inForce) } }
            }
        }
    }

    private func priceVersion(_ call: ControlCall) async throws -> ControlAnswer {
        try call.query.allowOnly([])
        let stored = try await version(call.version(), of: .prices, status: 404)
        guard !call.wantsYAML else { return ControlAnswer(contentType: "application/yaml", Array(stored.text.utf8)) }
        let all = try await keeper.current().history
        let inForce = all.version(at: try await stores.now())?.number
        // An old version may say what this one no longer reads; its text is shown all the same.
        let document = try? PriceDocument.json(of: stored.text)
        return ControlAnswer { json in
            json.facts(ofPrices: stored.version, in: all, inForce: inForce)
            json.key("document")
            if let document { json.raw(document) } else { json.null() }
            json.text("text", stored.text)
        }
    }

    private func rollBackPrices(_ call: ControlCall) async throws -> ControlAnswer {
        let body = try RollbackBody(call)
        var terms = try call.priceTerms(body.reason)
        let target = try await version(body.version, of: .prices, status: 422)
        terms.rolledBackTo = body.version
        terms.replacesAll = true
        return try await store(prices: target.text, terms)
    }
}

extension JSONText {
    /// One version of the price document, into an open object.
    fileprivate mutating func facts(ofPrices version: DocumentVersion, in history: PriceHistory, inForce: Int64?) {
        facts(of: version, isCurrent: version.version == inForce)
        key("effective_from")
        time(version.effectiveFrom)
        // One that was in force and was followed by another is no more than old.
        let scheduled = PriceHistory.Version(number: version.version, effectiveFrom: version.effectiveFrom)
        if version.effectiveFrom > version.storedAt, let other = history.successor(of: scheduled) {
            key("superseded_by")
            integer(other.number)
        }
    }
}
