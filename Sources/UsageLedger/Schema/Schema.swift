/// The tables, as a list of steps: a ledger remembers how many it has taken. A step that was published never changes.
enum Schema {
    static let version = Int64(steps(.sqlite).count)

    /// Takes the steps that are missing. Whoever opens a ledger first takes them; others wait for the transaction.
    /// - Parameter version: up to where; an earlier one than the last is for tests.
    static func migrate(_ database: any SQLDatabase, to version: Int64 = version) async throws {
        let dialect = database.dialect
        try await database.write { connection in
            try connection.run("CREATE TABLE IF NOT EXISTS meta (name \(dialect.text) PRIMARY KEY, value \(dialect.text) NOT NULL)")
            let found = try Meta.schema.read(connection).flatMap { Int64($0) } ?? 0
            guard found <= version else { throw LedgerError.schema(found: found, known: version) }
            for step in steps(dialect).prefix(Int(version)).dropFirst(Int(found)) {
                for statement in step { try connection.run(statement) }
            }
            if found < version { try Meta.schema.write(String(version), connection) }
        }
    }

    private static func steps(_ dialect: SQLDialect) -> [[String]] {
        [first(dialect), audit(dialect), books(dialect), upkeep, [ChargedPrice.table(dialect)]]
    }

    private static func first(_ dialect: SQLDialect) -> [String] {
        let (integer, text, bytes) = (dialect.integer, dialect.text, dialect.bytes)
        return [
            "CREATE TABLE terms (id \(dialect.identity), word \(text) NOT NULL UNIQUE)",
            // erased: 1 while rows still hold what the user's callers wrote, 2 afterwards.
            "CREATE TABLE users (id \(dialect.identity), name \(text) NOT NULL UNIQUE, erased \(integer) NOT NULL DEFAULT 0)",
            "CREATE TABLE counters (id \(dialect.identity), name \(bytes) NOT NULL UNIQUE, unit \(integer) NOT NULL)",
            """
            CREATE TABLE dims (id \(dialect.identity), packed \(bytes) NOT NULL UNIQUE,
                \(DimensionSet.columns.map { "\($0) \(integer) NOT NULL" }.joined(separator: ", ")))
            """,
            """
            CREATE TABLE events (
                \(EventColumns.definition(dialect)),
                PRIMARY KEY (milliseconds, stream, sequence)
            ) \(dialect.clustered)
            """,
            "CREATE INDEX events_by_reserve ON events (reserved_at, user_id)",
            """
            CREATE TABLE reservation_parts (user_id \(integer) NOT NULL, reservation \(bytes) NOT NULL,
                milliseconds \(integer) NOT NULL, sequence \(integer) NOT NULL, cached \(integer) NOT NULL,
                cache_write \(integer) NOT NULL, reasoning \(integer) NOT NULL, PRIMARY KEY (user_id, reservation))
            \(dialect.clustered)
            """,
            "CREATE INDEX reservation_parts_by_age ON reservation_parts (milliseconds)",
            """
            CREATE TABLE counter_totals (window_start \(integer) NOT NULL, counter \(integer) NOT NULL, user_id \(integer) NOT NULL,
                amount \(integer) NOT NULL, changed_at \(integer) NOT NULL, PRIMARY KEY (window_start, counter, user_id))
            \(dialect.clustered)
            """,
        ] + Rollup.allCases.map { $0.definition(dialect) }
    }

    /// What it takes to audit Redis, and to rebuild it.
    private static func audit(_ dialect: SQLDialect) -> [String] {
        let (integer, bytes) = (dialect.integer, dialect.bytes)
        return [
            """
            CREATE TABLE marks (stream \(integer) PRIMARY KEY, milliseconds \(integer) NOT NULL, sequence \(integer) NOT NULL)
            """,
            "INSERT INTO marks SELECT stream, MAX(milliseconds), 0 FROM events GROUP BY stream",
            """
            CREATE TABLE assignments (user_id \(integer) PRIMARY KEY, assignment \(bytes) NOT NULL, grants \(bytes) NOT NULL,
                milliseconds \(integer) NOT NULL, sequence \(integer) NOT NULL)
            """,
            """
            CREATE TABLE set_aside (stream \(integer) NOT NULL, milliseconds \(integer) NOT NULL, sequence \(integer) NOT NULL,
                content \(bytes) NOT NULL, reason \(dialect.text) NOT NULL, PRIMARY KEY (stream, milliseconds, sequence))
            """,
            "CREATE INDEX counter_totals_by_user ON counter_totals (user_id, window_start)",
        ]
    }

    /// What it takes to remove names of counters, and to tell who was erased from whom callers only call so.
    private static let upkeep = ["CREATE INDEX counter_totals_by_counter ON counter_totals (counter)", Pseudonym.marking]
}

/// What the ledger remembers of itself, a value by name.
enum Meta: String {
    case schema
    /// Tells this ledger apart from every other.
    case id
    /// IANA name of the zone whose days the rollups have.
    case zone
    /// Makes digests of reservations this ledger's own.
    case salt
    /// Milliseconds: raw rows of reserves from here on are all there.
    case rawSince = "raw_since"
    /// The epoch of the store that this ledger is the ledger of, see `StoreEpoch`.
    case epoch
    /// The id of the ledger that this one's store belongs to: this ledger never takes it.
    case home
    /// Milliseconds: windows from here on have all their events.
    case auditedFrom = "audited_from"
    /// How often names of counters were removed: numbers that were looked up before count no longer.
    case names = "names_removed"
    /// The epoch of a store of which every user's assignment is in the ledger.
    case copied

    func read(_ connection: any SQLConnection) throws -> String? {
        var found: String?
        try connection.query("SELECT value FROM meta WHERE name = ?", [.text(rawValue)]) { found = $0.text(0) }
        return found
    }

    /// What is there; `value` from now on where there was nothing.
    func read(_ connection: any SQLConnection, orWrite value: String) throws -> String {
        if let known = try read(connection) { return known }
        try write(value, connection)
        return value
    }

    func write(_ value: String, _ connection: any SQLConnection) throws {
        let sql = "INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
        try connection.run(sql, [.text(rawValue), .text(value)])
    }
}
