import BudgetModel

/// The same prompt again and again, as callers' hashes tell it: one answer that is kept would have done.
struct RepeatedPrompts {
    let bounds: WindowBounds
    let limits: InsightLimits

    private struct Candidate {
        /// Numbers of ``Term``s, and their words.
        var feature: Int64
        var model: Int64
        var traffic: Traffic
        var hash: String
        var requests: Int64
        /// Microcents.
        var cost: Int64
        /// When the first was reserved, milliseconds.
        var first: Int64
    }

    func insights(_ connection: any SQLConnection) throws -> [Insight] {
        try candidates(connection).map { candidate in
            let first = try costOfFirst(candidate, connection)
            return Insight(
                kind: .repeatedPrompt,
                sentence: """
                    The same prompt (hash \(Figures.name(candidate.hash))) was sent \(Figures.count(candidate.requests, "time")) from \
                    \(candidate.traffic.text) and cost \(Figures.dollars(candidate.cost)): keeping the first answer would have saved \
                    \(Figures.dollars(candidate.cost - first)).
                    """,
                subject: candidate.traffic.subject + [.init("prompt_hash", candidate.hash)], saving: candidate.cost - first,
                confidence: .medium,
                evidence: [
                    .init("requests", .count(candidate.requests)), .init("cost_usd", .dollars(candidate.cost)),
                    .init("first_cost_usd", .dollars(first)),
                ])
        }
    }

    /// The event before its dimensions: the index by time is read, not a row at a time for each dimension set.
    private static let settledPrompts = """
        FROM events e CROSS JOIN dims d
        WHERE d.id = e.dims AND d.model <> 0 AND e.kind IN ('c', 'k') AND e.cost > 0 AND e.prompt_hash IS NOT NULL
        """

    /// By total cost, while what is shown is ordered by what all but the first cost: so more than are shown. Names are looked up for
    /// those alone.
    private func candidates(_ connection: any SQLConnection) throws -> [Candidate] {
        let sql = """
            SELECT g.feature, g.model, f.word, m.word, g.prompt_hash, g.requests, g.cost, g.first_at FROM (
                SELECT e.prompt_hash, d.feature, d.model, COUNT(*) AS requests, CAST(SUM(e.cost) AS BIGINT) AS cost,
                    MIN(e.reserved_at) AS first_at
                \(Self.settledPrompts) AND e.reserved_at >= ? AND e.reserved_at < ?
                GROUP BY e.prompt_hash, d.feature, d.model HAVING COUNT(*) > 1
                ORDER BY SUM(e.cost) DESC, e.prompt_hash, d.feature, d.model LIMIT \(limits.perKind * 10)
            ) g LEFT JOIN terms f ON f.id = g.feature JOIN terms m ON m.id = g.model
            ORDER BY g.cost DESC, g.prompt_hash, g.feature, g.model
            """
        var found: [Candidate] = []
        try connection.query(sql, [.integer(bounds.start), .integer(bounds.end)]) { row in
            found.append(
                Candidate(
                    feature: row.integer(0) ?? 0, model: row.integer(1) ?? 0,
                    traffic: Traffic(feature: row.text(2), model: row.text(3) ?? ""), hash: row.text(4) ?? "",
                    requests: row.integer(5) ?? 0, cost: row.integer(6) ?? 0, first: row.integer(7) ?? 0))
        }
        return found
    }

    private func costOfFirst(_ candidate: Candidate, _ connection: any SQLConnection) throws -> Int64 {
        let sql = """
            SELECT e.cost \(Self.settledPrompts) AND e.reserved_at = ? AND e.prompt_hash = ? AND d.feature = ? AND d.model = ?
            ORDER BY e.milliseconds, e.stream, e.sequence LIMIT 1
            """
        let values: [SQLValue] = [
            .integer(candidate.first), .text(candidate.hash), .integer(candidate.feature), .integer(candidate.model),
        ]
        return try connection.integer(sql, values) ?? 0
    }
}
