/// Writes many rows with few statements: several rows of values in each, always in the same numbers, so that each is prepared once.
struct BulkInsert: Sendable {
    /// Statements, each of so many rows.
    private let statements: [(rows: Int, sql: String)]
    private let width: Int
    /// Most rows in one statement first. 64 rows of the widest table bind fewer values than SQLite's 32,766 and PostgreSQL's 65,535.
    private static let sizes = [64, 8, 1]

    /// - Parameter tail: what follows the rows: what to do on a conflict, what to return.
    init(into table: String, _ columns: [String], _ tail: String) {
        let head = "INSERT INTO \(table) (\(columns.joined(separator: ", "))) VALUES "
        let row = "(" + repeatElement("?", count: columns.count).joined(separator: ", ") + ")"
        statements = Self.sizes.map { ($0, head + repeatElement(row, count: $0).joined(separator: ", ") + " " + tail) }
        width = columns.count
    }

    /// - Parameters:
    ///   - values: row after row, without a gap.
    ///   - each: takes what the tail returns.
    func write(_ values: [SQLValue], on connection: any SQLConnection, _ each: (any SQLRow) throws -> Void = { _ in }) throws {
        var rest = values[...]
        for (size, sql) in statements {
            while rest.count >= size * width {
                try connection.query(sql, Array(rest.prefix(size * width)), each)
                rest = rest.dropFirst(size * width)
            }
        }
    }
}
