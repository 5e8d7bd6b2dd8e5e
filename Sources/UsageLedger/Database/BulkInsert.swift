/// Writes many rows with few statements: several rows of values in each, always in the same numbers, so that each is prepared once.
struct BulkInsert: Sendable {
    private let head: String
    private let row: String
    private let tail: String
    private let width: Int
    /// Rows in one statement. 64 rows of the widest table bind fewer values than SQLite's 32,766 and PostgreSQL's 65,535.
    private static let sizes = [64, 8, 1]

    /// - Parameter tail: what follows the rows: what to do on a conflict, what to return.
    init(into table: String, _ columns: [String], _ tail: String) {
        head = "INSERT INTO \(table) (\(columns.joined(separator: ", "))) VALUES "
        row = "(" + repeatElement("?", count: columns.count).joined(separator: ", ") + ")"
        self.tail = " " + tail
        width = columns.count
    }

    /// - Parameters:
    ///   - values: row after row, without a gap.
    ///   - each: takes what the tail returns.
    func write(_ values: [SQLValue], on connection: any SQLConnection, _ each: (any SQLRow) throws -> Void = { _ in }) throws {
        var rest = values[...]
        for size in Self.sizes {
            let sql = head + repeatElement(row, count: size).joined(separator: ", ") + tail
            while rest.count >= size * width {
                try connection.query(sql, Array(rest.prefix(size * width)), each)
                rest = rest.dropFirst(size * width)
            }
        }
    }
}
