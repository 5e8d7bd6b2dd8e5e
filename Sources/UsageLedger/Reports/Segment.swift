import BudgetModel

/// A stretch of time and the table that answers for it: the coarsest there is, so that a year is as quick as a day.
struct Segment: Hashable {
    enum Source: Hashable {
        case rollup(Rollup)
        case raw
    }

    var source: Source
    var bounds: WindowBounds

    var days: Int64 { (bounds.end - bounds.start) / 86_400_000 }

    /// Covers `bounds` without gap or overlap: whole buckets of each grain, raw rows for what is left over at the ends.
    /// - Parameter grains: coarsest first.
    static func cover(_ bounds: WindowBounds, _ grains: [Rollup], _ zone: ZoneClock) -> [Segment] {
        guard bounds.start < bounds.end else { return [] }
        guard let grain = grains.first else { return [Segment(source: .raw, bounds: bounds)] }
        let finer = Array(grains.dropFirst())
        let first = grain.bucket(around: bounds.start, zone)
        let start = first.start == bounds.start ? first.start : first.end
        let end = grain.bucket(around: bounds.end, zone).start
        guard start < end else { return cover(bounds, finer, zone) }
        return cover(WindowBounds(start: bounds.start, end: start), finer, zone)
            + [Segment(source: .rollup(grain), bounds: WindowBounds(start: start, end: end))]
            + cover(WindowBounds(start: end, end: bounds.end), finer, zone)
    }
}

extension UsageQuery {
    /// Tables that know all that is asked, coarsest first.
    var grains: [Rollup] {
        if needsSession { return [] }
        guard needsUser else { return [.day, .quarter] }
        guard !withOutcomes else { return [] }
        let isAboutUsers = (groups + filters.keys).allSatisfy { DimensionSet.ofUsers.contains($0) }
        return isAboutUsers ? [.userMonth, .userDay] : [.userDetail]
    }

    /// The report's periods, each with the part of it that lies between `from` and `to`.
    func spans(_ zone: ZoneClock) throws -> [(period: WindowBounds?, bounds: WindowBounds)] {
        let (from, to) = (max(from, Self.earliest), min(to, Self.latest))
        guard from < to else { return [] }
        guard let period else { return [(nil, WindowBounds(start: from, end: to))] }
        var spans: [(period: WindowBounds?, bounds: WindowBounds)] = []
        var at = from
        while at < to {
            let bounds = zone.bounds(of: period.window, at: at)
            spans.append((bounds, WindowBounds(start: at, end: min(bounds.end, to))))
            at = bounds.end
            guard spans.count <= Self.maximumPeriods else {
                throw LedgerError.question("That makes more than \(Self.maximumPeriods) rows of time; ask for less, or coarser.")
            }
        }
        return spans
    }
}
