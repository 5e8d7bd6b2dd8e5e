import BudgetModel

extension LedgerStore {
    /// Reads the settled requests of a time and says what money could be saved by. Raw rows are read, at most
    /// ``InsightLimits/rows``; plans are compared over the whole month in which the time ends.
    /// - Throws: ``LedgerError``.
    package func insights(_ query: InsightQuery) async throws -> InsightReport {
        guard query.from < query.to else { throw LedgerError.question("from must be before to.") }
        var report = try await database.read { connection in try self.survey(query, connection) }
        report.insights = try await report.insights + costsAbovePlans(query)
        let span = report.to - report.from
        for index in report.insights.indices where span >= 86_400_000 && report.insights[index].kind != .costAbovePlan {
            report.insights[index].monthlySaving = scaled(report.insights[index].saving, by: 30 * 86_400_000, over: span)
        }
        report.insights = report.insights.ordered(perKind: query.limits.perKind)
        return report
    }

    private func survey(_ query: InsightQuery, _ connection: any SQLConnection) throws -> InsightReport {
        let rawSince = try Meta.rawSince.read(connection).flatMap { Int64($0) } ?? 0
        let (bounds, isCapped) = try query.examined(since: rawSince, connection)
        var survey = Survey(try query.lenses(connection), zone.clock, query.limits)
        let sql = """
            SELECT \(SurveyRow.columns) FROM events WHERE reserved_at >= ? AND reserved_at < ? AND kind IN ('c', 'k')
            ORDER BY reserved_at
            """
        try connection.query(sql, [.integer(bounds.start), .integer(bounds.end)]) { survey.add(SurveyRow($0)) }
        let insights = survey.found.flatMap { TrafficInsights(traffic: $0.traffic, use: $0.use, limits: query.limits).all }
        return InsightReport(
            insights: insights + (try RepeatedPrompts(bounds: bounds, limits: query.limits).insights(connection)), from: bounds.start,
            to: bounds.end, requests: survey.requests, isCapped: isCapped, rawSince: rawSince, zone: zone)
    }

    /// Users who cost more than their plan brings in a month: of the month in which the time ends, up to there.
    private func costsAbovePlans(_ query: InsightQuery) async throws -> [Insight] {
        guard let least = query.revenue.values.min() else { return [] }
        let month = zone.clock.bounds(of: .month(anchorDay: 1), at: query.to - 1)
        var usage = UsageQuery(from: month.start, to: query.to)
        usage.groups = [.dimension(.user), .dimension(.plan)]
        usage.filters = [.dimension(.plan): query.revenue.keys.map { $0 }]
        usage.order = .costDescending
        var found: [Insight] = []
        for try await row in try await self.usage(usage).rows {
            guard row.cost > least else { break }
            guard let plan = row.keys[1], let revenue = query.revenue[Identifier(plan)], row.cost > revenue else { continue }
            found.append(.costAbovePlan(row, plan, revenue, zone.label(.month, from: month.start)))
            if found.count >= 100 * query.limits.perKind { found = found.ordered(perKind: query.limits.perKind) }
        }
        return found.ordered(perKind: query.limits.perKind)
    }
}

extension Insight {
    fileprivate static func costAbovePlan(_ row: UsageRow, _ plan: String, _ revenue: Int64, _ month: String) -> Insight {
        Insight(
            kind: .costAbovePlan,
            sentence: """
                User \(Figures.name(row.keys[0])) has cost \(Figures.dollars(row.cost)) in \(month): \
                \(Figures.dollars(row.cost - revenue)) more than the \(Figures.dollars(revenue)) that plan \(Figures.name(plan)) \
                brings in a month.
                """,
            subject: [.init("user", row.keys[0]), .init("plan", plan)], saving: row.cost - revenue, confidence: .high,
            evidence: [
                .init("requests", .count(row.requests)), .init("cost_usd", .dollars(row.cost)), .init("revenue_usd", .dollars(revenue)),
                .init("month", .text(month)),
            ])
    }
}

extension [Insight] {
    /// The largest saving first, so many of each kind. What saves nothing keeps its order: holds before names.
    fileprivate func ordered(perKind limit: Int) -> [Insight] {
        let sorted = enumerated().sorted { a, b in
            (a.element.saving, a.element.heldLess, b.offset) > (b.element.saving, b.element.heldLess, a.offset)
        }
        var counts: [Insight.Kind: Int] = [:]
        return sorted.map(\.element).filter { insight in
            counts[insight.kind, default: 0] += 1
            return counts[insight.kind, default: 0] <= limit
        }
    }
}

extension Insight {
    /// Microcents of holds, all requests together.
    fileprivate var heldLess: Int64 {
        guard case .dollars(let each) = self[evidence: "held_usd_less_per_request"], case .count(let count) = self[evidence: "requests"]
        else { return 0 }
        return Int64(clamping: Int128(each) * Int128(count))
    }
}
