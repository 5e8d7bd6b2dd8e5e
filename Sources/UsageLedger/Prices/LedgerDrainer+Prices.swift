import BudgetModel
import BudgetStore

extension LedgerDrainer {
    /// Charged models that are remembered: thousands of versions' worth.
    private static let largest = 100_000

    /// Takes over, ahead of the events, what their models cost: the store forgets a version some weeks after its last use. What it
    /// has forgotten already stays unknown.
    func keepPrices(of events: [LedgerEvent]) async throws {
        let new = Set(events.lazy.compactMap(ChargedPrice.init)).subtracting(pricesSeen)
        guard !new.isEmpty else { return }
        var found: [(charged: ChargedPrice, price: ModelPrice)] = []
        for (version, models) in Dictionary(grouping: new, by: \.version) {
            let catalogue: PriceCatalogue? = try await stores.ask { $0.storedPrices(version, $1) }
            for charged in models {
                if let price = catalogue?.price(of: charged.model) { found.append((charged, price)) }
            }
        }
        try await ledger.keep(found)
        if pricesSeen.count + new.count > Self.largest { pricesSeen = [] }
        pricesSeen.formUnion(new)
    }
}
