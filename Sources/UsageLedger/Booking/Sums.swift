import BudgetModel

/// What a batch adds to every sum that is kept, each row of a table once.
struct Sums {
    private struct Bucket: Hashable {
        let start: Int64
        let dimensions: Int64
        /// 0 where it is nobody's alone.
        var user: Int64 = 0
    }

    private var sums: [Rollup: [Bucket: Measures]] = [:]

    /// - Parameters:
    ///   - day: the first millisecond of the day of the reserve, in the ledger's zone.
    ///   - month: of its month.
    mutating func add(_ row: BookingRow, day: Int64, month: Int64) {
        let (event, numbers) = (row.event, row.numbers)
        guard event.kind.isUsage else { return }
        let measures = event.measures(row.parts)
        let quarter = floorDivide(event.reservedAt, Rollup.quarterLength) * Rollup.quarterLength
        add(measures, .quarter, Bucket(start: quarter, dimensions: numbers.dimensions))
        add(measures, .day, Bucket(start: day, dimensions: numbers.dimensions))
        // A release that booked nothing is no usage of anybody's.
        guard Measure.booked.contains(where: { measures[$0] != 0 }) else { return }
        add(measures, .userDay, Bucket(start: day, dimensions: numbers.userDimensions, user: numbers.user))
        add(measures, .userMonth, Bucket(start: month, dimensions: numbers.userDimensions, user: numbers.user))
        add(measures, .userDetail, Bucket(start: day, dimensions: numbers.dimensions, user: numbers.user))
    }

    private mutating func add(_ measures: Measures, _ rollup: Rollup, _ bucket: Bucket) {
        sums[rollup, default: [:]][bucket, default: Measures()] += measures
    }

    func write(_ connection: any SQLConnection) throws {
        for rollup in Rollup.allCases {
            // In the order of the table: neighbours lie on one page.
            let rows = (sums[rollup] ?? [:]).map { bucket, measures in (key: Self.key(bucket, rollup), measures: measures) }
                .sorted { $0.key < $1.key }
            var values: [SQLValue] = []
            for (key, measures) in rows {
                values += [.integer(key.0), .integer(key.1)]
                if rollup.isByUser { values.append(.integer(key.2)) }
                values += measures.stored(rollup.measures)
            }
            try Self.inserts[rollup]?.write(values, on: connection)
        }
    }

    private static func key(_ bucket: Bucket, _ rollup: Rollup) -> (Int64, Int64, Int64) {
        rollup.isByUser ? (bucket.start, bucket.user, bucket.dimensions) : (bucket.dimensions, bucket.start, 0)
    }

    private static let inserts = Dictionary(uniqueKeysWithValues: Rollup.allCases.map { ($0, $0.insert) })
}

extension LedgerEvent.Kind {
    /// Whether events of the kind are somebody's usage; the others only set counters right.
    var isUsage: Bool {
        switch self {
        case .commit, .checkpoint, .release, .expiry, .record: true
        case .reset, .grant, .repair: false
        }
    }
}

extension LedgerEvent {
    /// What the event adds to each sum. ``Measure/ofEvent`` says the same in SQL.
    func measures(_ parts: Parts) -> Measures {
        var sums = Measures()
        sums[.requests] = added.requests
        sums[.input] = added.input
        sums[.output] = added.output
        sums[.cost] = added.cost
        sums[.cachedInput] = parts.cached
        sums[.cacheWrite] = parts.cacheWrite
        sums[.reasoning] = parts.reasoning
        if endsHold {
            sums[.heldTokens] = heldInput + heldOutput
            sums[.heldCost] = heldCost ?? 0
            sums[.allowed] = decision == .allow ? 1 : 0
            sums[.degraded] = decision == .degrade ? 1 : 0
        }
        sums[.released] = kind == .release ? 1 : 0
        sums[.expired] = kind == .expiry || flags.contains(.lapsed) ? 1 : 0
        sums[.recorded] = kind == .record ? 1 : 0
        if kind == .commit || kind == .record { addSettlement(to: &sums) }
        return sums
    }

    /// See ``Measure/ended``.
    private var endsHold: Bool {
        switch kind {
        case .release, .expiry: true
        case .commit: !flags.contains(.late) || flags.contains(.lapsed)
        case .checkpoint: flags.contains(.lapsed)
        case .record, .reset, .grant, .repair: false
        }
    }

    private func addSettlement(to sums: inout Measures) {
        sums[.late] = flags.contains(.late) ? 1 : 0
        sums[.overHold] = flags.contains(.overHold) ? 1 : 0
        sums[.estimated] = flags.contains(.estimated) ? 1 : 0
        sums[.unpriced] = flags.contains(.unpriced) ? 1 : 0
        sums[.mismatched] = flags.contains(.usageMismatch) ? 1 : 0
        sums[.latencySum] = latencyMilliseconds ?? 0
        sums[.latencyCount] = latencyMilliseconds == nil ? 0 : 1
    }
}
