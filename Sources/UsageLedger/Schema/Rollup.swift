import BudgetModel

/// Sums kept beside the raw rows. A bucket is named by its first millisecond.
enum Rollup: CaseIterable {
    /// 15 minutes UTC: every zone's offset is a whole number of them.
    case quarter
    /// A day of the ledger's zone.
    case day
    /// A user's day and month of the ledger's zone, by what the user is: tier, team, environment and plan. Few rows, for reports
    /// over all users.
    case userDay, userMonth
    /// A user's day by all dimensions.
    case userDetail

    static let quarterLength: Int64 = 900_000

    var table: String {
        switch self {
        case .quarter: "rollup_quarter"
        case .day: "rollup_day"
        case .userDay: "rollup_user_day"
        case .userMonth: "rollup_user_month"
        case .userDetail: "rollup_user_detail"
        }
    }

    /// Few dimension sets and many buckets: a report takes each set's buckets in a row. Many users: it takes the bucket's users.
    var key: [String] { isByUser ? ["bucket", "user_id", "dims"] : ["dims", "bucket"] }
    var measures: [Measure] { isByUser ? Measure.booked : Measure.allCases }

    var isByUser: Bool {
        switch self {
        case .quarter, .day: false
        case .userDay, .userMonth, .userDetail: true
        }
    }

    func definition(_ dialect: SQLDialect) -> String {
        let columns = (key + measures.map(\.column)).map { "\($0) \(dialect.integer) NOT NULL" }
        return """
            CREATE TABLE \(table) (\(columns.joined(separator: ", ")),
                PRIMARY KEY (\(key.joined(separator: ", ")))) \(dialect.clustered)
            """
    }

    var insert: BulkInsert {
        let sums = measures.map { "\($0.column) = \(table).\($0.column) + excluded.\($0.column)" }
        return BulkInsert(
            into: table, key + measures.map(\.column),
            "ON CONFLICT (\(key.joined(separator: ", "))) DO UPDATE SET \(sums.joined(separator: ", "))")
    }
}

extension Rollup {
    func bucket(around time: Int64, _ zone: ZoneClock) -> WindowBounds {
        switch self {
        case .quarter:
            let start = floorDivide(time, Self.quarterLength) * Self.quarterLength
            return WindowBounds(start: start, end: start + Self.quarterLength)
        case .day, .userDay, .userDetail:
            return zone.bounds(of: .day, at: time)
        case .userMonth:
            return zone.bounds(of: .month(anchorDay: 1), at: time)
        }
    }

    /// Firsts of the buckets in `bounds`, which begins with one.
    func buckets(in bounds: WindowBounds, _ zone: ZoneClock) -> [Int64] {
        var starts: [Int64] = []
        var at = bounds.start
        while at < bounds.end {
            starts.append(at)
            at = bucket(around: at, zone).end
        }
        return starts
    }
}
