import BudgetModel

extension InsightQuery {
    /// The stretch that is looked at: no more rows than allowed, none where some are missing, nothing before the first.
    func examined(since rawSince: Int64, _ connection: any SQLConnection) throws -> (bounds: WindowBounds, isCapped: Bool) {
        var bounds = WindowBounds(start: max(from, rawSince), end: to)
        let inside = "FROM events WHERE reserved_at >= ? AND reserved_at < ?"
        func values() -> [SQLValue] { [.integer(bounds.start), .integer(bounds.end)] }
        let last = try connection.integer(
            "SELECT reserved_at \(inside) ORDER BY reserved_at DESC LIMIT 1 OFFSET \(limits.rows)", values())
        if let last { bounds.start = last + 1 }
        if let first = try connection.integer("SELECT MIN(reserved_at) \(inside)", values()) { bounds.start = first }
        bounds.start = min(bounds.start, bounds.end)
        return (bounds, last != nil)
    }

    /// What is to be known of each dimension set, by its number. Sets without a model, of non-token costs, are left out.
    func lenses(_ connection: any SQLConnection) throws -> [Int64: SurveyLens] {
        let sql = """
            SELECT d.id, f.word, t.word, m.word, d.price_class FROM dims d LEFT JOIN terms f ON f.id = d.feature
            LEFT JOIN terms t ON t.id = d.tier JOIN terms m ON m.id = d.model WHERE d.component = 0
            """
        var lenses: [Int64: SurveyLens] = [:]
        try connection.query(sql, []) { row in
            guard let id = row.integer(0), let model = row.text(3) else { return }
            lenses[id] = lens(feature: row.text(1), tier: row.text(2), model: model, row.integer(4) ?? 0)
        }
        return lenses
    }

    private func lens(feature: String?, tier: String?, model: String, _ priceClass: Int64) -> SurveyLens {
        let traffic = Traffic(feature: feature, model: model)
        var lens = SurveyLens(traffic: traffic, priceClass: PriceClass(code: UInt8(truncatingIfNeeded: priceClass)) ?? .standard)
        guard let prices else { return lens }
        let catalogue = prices.catalogue
        let name = catalogue.canonical(Identifier(model))
        lens.price = catalogue.price(of: name)
        for rung in prices.policy.ladder(feature: feature, tier: tier).after(name, catalogue) {
            if let price = catalogue.price(of: catalogue.canonical(rung)) { lens.rungs.append(.init(model: rung, price: price)) }
        }
        return lens
    }
}

extension Policy {
    /// The feature's, else the tier's.
    fileprivate func ladder(feature: String?, tier: String?) -> [Identifier] {
        if let own = feature.flatMap({ features[Identifier($0)]?.ladder }) { return own }
        return (tier.map { Identifier($0) } ?? defaultTier).flatMap { tiers[$0]?.ladder } ?? []
    }
}

extension [Identifier] {
    /// What follows a model on the ladder; all of it where the model is not on it.
    fileprivate func after(_ model: Identifier, _ catalogue: PriceCatalogue) -> ArraySlice<Identifier> {
        guard let own = firstIndex(where: { catalogue.canonical($0) == model }) else { return self[...] }
        return self[(own + 1)...]
    }
}
