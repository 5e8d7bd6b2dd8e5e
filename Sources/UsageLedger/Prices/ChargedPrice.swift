import BudgetModel

/// A model under a version of the prices: what the table `prices` has the rates of, so that statements can show them for good.
struct ChargedPrice: Hashable {
    var version: PriceVersion
    /// The catalogue's name.
    var model: Identifier

    /// nil for an event without either.
    init?(of event: LedgerEvent) {
        guard let version = event.priceVersion, let model = event.model else { return nil }
        (self.version, self.model) = (version, model)
    }

    /// `price` is JSON as in a policy's `prices`: USD per million tokens, discounts taken off.
    static func table(_ dialect: SQLDialect) -> String {
        """
        CREATE TABLE prices (price_version \(dialect.text) NOT NULL, model \(dialect.text) NOT NULL, price \(dialect.text) NOT NULL,
            PRIMARY KEY (price_version, model)) \(dialect.clustered)
        """
    }
}

/// Prices as they were, by version and model.
struct PriceBook: Sendable {
    private var prices: [String: [String: ModelPrice]] = [:]

    /// - Parameter version: 16 hexadecimal digits.
    subscript(version: String, model: String) -> ModelPrice? {
        get { prices[version]?[model] }
        set { prices[version, default: [:]][model] = newValue }
    }
}

extension LedgerStore {
    private static let insertPrice = BulkInsert(
        into: "prices", ["price_version", "model", "price"], "ON CONFLICT (price_version, model) DO NOTHING")

    func keep(_ prices: [(charged: ChargedPrice, price: ModelPrice)]) async throws {
        guard !prices.isEmpty else { return }
        let values = prices.flatMap { charged, price in
            [SQLValue.text(charged.version.description), .text(charged.model.text), .text(price.canonicalText)]
        }
        try await database.write { connection in try Self.insertPrice.write(values, on: connection) }
    }

    /// Everything that is known of these versions.
    func prices(of versions: Set<String>) async throws -> PriceBook {
        guard !versions.isEmpty else { return PriceBook() }
        let places = repeatElement("?", count: versions.count).joined(separator: ", ")
        let sql = "SELECT price_version, model, price FROM prices WHERE price_version IN (\(places))"
        return try await database.read { connection in
            var book = PriceBook()
            try connection.query(sql, versions.sorted().map(SQLValue.text)) { row in
                guard let version = row.text(0), let model = row.text(1), let text = row.text(2) else { return }
                book[version, model] = try? ModelPrice(stored: Array(text.utf8))
            }
            return book
        }
    }
}
