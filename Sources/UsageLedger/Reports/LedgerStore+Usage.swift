import BudgetModel

extension LedgerStore {
    /// Settled usage by time and dimensions. Sums answer where they can; raw rows for sessions, and for what is left of a period that
    /// does not begin and end with a sum's.
    /// - Throws: ``LedgerError``; the rows themselves may throw it too.
    package func usage(_ query: UsageQuery) async throws -> UsageReport {
        let periods = query.zone ?? zone
        let spans = try query.spans(periods.clock)
        let rawSince = try await rawSince()
        let latest = try await database.read { try newestReserve($0) }
        let raw = spans.flatMap { segments(of: $0.bounds, query.grains, latest) }.filter { $0.source == .raw }
        return UsageReport(
            query: query, zone: periods, rawSince: rawSince, isIncomplete: raw.contains { $0.bounds.start < rawSince },
            rows: RowStream(database) { [self] connection, give in
                // Asked again, on the snapshot that is read.
                let latest = try newestReserve(connection)
                for (period, bounds) in spans {
                    let statement = ReportStatement(query, segments(of: bounds, query.grains, latest), zone.clock)
                    try connection.query(statement.sql, statement.values) { try give(statement.row($0, period)) }
                }
            })
    }

    /// Milliseconds: raw rows of reserves from here on are all there.
    package func rawSince() async throws -> Int64 {
        try await database.read { connection in try Meta.rawSince.read(connection).flatMap { Int64($0) } ?? 0 }
    }

    /// A stretch that ends after everything there is may as well end with a bucket: most reports end now.
    private func segments(of bounds: WindowBounds, _ grains: [Rollup], _ latest: Int64?) -> [Segment] {
        var bounds = bounds
        if let latest, latest < bounds.end { bounds.end = Rollup.userMonth.bucket(around: bounds.end, zone.clock).end }
        return Segment.cover(bounds, grains, zone.clock)
    }
}

/// The latest time of a reserve among raw rows, milliseconds; nil without one.
private func newestReserve(_ connection: any SQLConnection) throws -> Int64? {
    try connection.integer("SELECT MAX(reserved_at) FROM events")
}
