import BudgetModel

/// The SELECT that answers one period of a report: each segment summed by itself, then all of them together.
struct ReportStatement {
    private(set) var sql = ""
    private(set) var values: [SQLValue] = []
    let query: UsageQuery
    private let zone: ZoneClock
    let measures: [Measure]

    /// - Parameter zone: the ledger's, whose days the rollups have.
    init(_ query: UsageQuery, _ segments: [Segment], _ zone: ZoneClock) {
        self.query = query
        self.zone = zone
        measures = query.withOutcomes ? Measure.allCases : Measure.booked
        let parts = segments.map { part($0) }.joined(separator: "\nUNION ALL\n")
        let sums = measures.map { "CAST(SUM(s.\($0.column)) AS BIGINT)" }
        let keys = query.groups.indices.map { "k\($0)" }
        sql = "SELECT " + (keys.indices.map(name) + sums).joined(separator: ", ") + "\nFROM (\n" + parts + "\n) s"
        sql += keys.indices.compactMap(join).joined()
        if !keys.isEmpty { sql += "\nGROUP BY " + (keys.map { "s.\($0)" } + keys.indices.map(name)).joined(separator: ", ") }
        let telling = query.withOutcomes ? measures : [.requests, .input, .output, .cost]
        sql += "\nHAVING " + telling.map { "SUM(s.\($0.column)) <> 0" }.joined(separator: " OR ")
        sql += order
        if let limit = query.limit {
            sql += "\nLIMIT ?"
            values.append(.integer(Int64(limit)))
        }
    }

    // MARK: One segment

    private mutating func part(_ segment: Segment) -> String {
        let keys = query.groups.enumerated().map { "\(column($1)) AS k\($0)" }
        let (from, sums, grouping): (String, [String], String)
        switch segment.source {
        case .rollup(let rollup):
            sums = measures.map { "SUM(r.\($0.column)) AS \($0.column)" }
            // The left table is read first (SQLite keeps to it after CROSS JOIN): its rows come out grouped, nothing is sorted.
            from = rollup.isByUser ? "\(rollup.table) r CROSS JOIN dims d" : "dims d CROSS JOIN \(rollup.table) r"
            grouping = rollup.isByUser ? grouped : "GROUP BY d.id"
        case .raw:
            sums = measures.map { "SUM(\($0.ofEvent)) AS \($0.column)" }
            from = "events r CROSS JOIN dims d"
            grouping = grouped
        }
        // In an order of their own, so that the same question is the same statement.
        let filters = query.filters.sorted { $0.key.word < $1.key.word }
        let conditions = ["r.dims = d.id", time(segment)] + filters.map { filter($0.key, $0.value) }
        return "SELECT " + (keys + sums).joined(separator: ", ") + " FROM \(from)\nWHERE "
            + conditions.joined(separator: " AND ") + "\n\(grouping)"
    }

    private var grouped: String {
        query.groups.isEmpty ? "" : "GROUP BY " + query.groups.map(column).joined(separator: ", ")
    }

    private mutating func time(_ segment: Segment) -> String {
        // A user's buckets are sought one by one, not among everybody's.
        if case .rollup(let rollup) = segment.source, rollup.isByUser, query.filters[.dimension(.user)] != nil, segment.days <= 1_000 {
            let starts = rollup.buckets(in: segment.bounds, zone)
            return "r.bucket IN (\(places(starts.map(SQLValue.integer))))"
        }
        values += [.integer(segment.bounds.start), .integer(segment.bounds.end)]
        guard case .raw = segment.source else { return "r.bucket >= ? AND r.bucket < ?" }
        return "r.reserved_at >= ? AND r.reserved_at < ? AND r.kind IN (\(Self.usageKinds))"
    }

    private static let usageKinds = LedgerEvent.Kind.allCases.filter(\.isUsage).map { "'\($0.rawValue)'" }.joined(separator: ", ")

    // MARK: Filters

    private mutating func filter(_ group: UsageGroup, _ wanted: [Identifier?]) -> String {
        let named = wanted.compactMap { $0 }
        let among: String
        switch group {
        case .dimension(.user):
            // A name may be a user's, or that of one who was erased.
            let names = named.flatMap { [$0.text, Pseudonym.stored($0)] }
            among = "SELECT id FROM users WHERE name IN (\(places(names.map(SQLValue.text))))"
        case .dimension(.session): among = places(named.map { .text($0.text) })
        case .priceClass: among = places(named.compactMap { PriceClass(rawValue: $0.text) }.map { .integer(Int64($0.code)) })
        case .correction: among = places(named.map { .integer($0 == "true" ? 1 : 0) })
        case .dimension, .component, .priceVersion:
            among = "SELECT id FROM terms WHERE word IN (\(places(named.map { .text($0.text) })))"
        }
        let found = "\(column(group)) IN (\(among))"
        guard wanted.contains(nil) else { return found }
        return group == .dimension(.session) ? "(\(found) OR r.session IS NULL)" : "(\(found) OR \(column(group)) = 0)"
    }

    /// Question marks for values, which are kept; something that nothing equals when there are none.
    private mutating func places(_ wanted: [SQLValue]) -> String {
        values += wanted
        return wanted.isEmpty ? "NULL" : repeatElement("?", count: wanted.count).joined(separator: ", ")
    }

    // MARK: Keys and their names

    /// Where a group's value stands in the tables: mostly a number.
    private func column(_ group: UsageGroup) -> String {
        switch group {
        case .dimension(.user): "r.user_id"
        case .dimension(.session): "r.session"
        case .dimension, .component, .priceClass, .priceVersion, .correction: "d.\(group.word)"
        }
    }

    /// The table that has the name to a number; nil where the value is its own name.
    private func naming(_ group: UsageGroup) -> (table: String, column: String)? {
        switch group {
        case .dimension(.session), .priceClass, .correction: nil
        case .dimension(.user): (UserName.table, UserName.column)
        case .dimension, .component, .priceVersion: (Term.table, Term.column)
        }
    }

    private func name(_ index: Int) -> String {
        naming(query.groups[index]).map { "n\(index).\($0.column)" } ?? "s.k\(index)"
    }

    private func join(_ index: Int) -> String? {
        naming(query.groups[index]).map { "\nLEFT JOIN \($0.table) n\(index) ON n\(index).id = s.k\(index)" }
    }

    private var order: String {
        var terms = query.groups.indices.map { index in
            // SQLite sorts what is absent first, PostgreSQL last.
            [.priceClass, .correction].contains(query.groups[index]) ? name(index) : "COALESCE(\(name(index)), '')"
        }
        if query.order == .costDescending { terms.insert("SUM(s.cost) DESC", at: 0) }
        return terms.isEmpty ? "" : "\nORDER BY " + terms.joined(separator: ", ")
    }
}
