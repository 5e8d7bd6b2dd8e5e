import BudgetModel

/// A value that tables name by a number: long and repeated in rows, it is stored once.
protocol Interned: Hashable, Sendable {
    static var table: String { get }
    /// The unique column that holds the value, and what else its row says of it.
    static var column: String { get }
    static var others: [String] { get }
    var stored: SQLValue { get }
    var otherValues: [SQLValue] { get }
    init?(_ row: any SQLRow, column: Int)
}

extension Interned {
    static var others: [String] { [] }
    var otherValues: [SQLValue] { [] }

    /// The numbers of `values`; those that have none get one. Only inside a write transaction.
    static func numbers(of values: Set<Self>, on connection: any SQLConnection) throws -> [Self: Int64] {
        var known: [Self: Int64] = [:]
        let wanted = Array(values)
        try read(wanted, on: connection, into: &known)
        let missing = wanted.filter { known[$0] == nil }
        guard !missing.isEmpty else { return known }
        let insert = BulkInsert(into: table, [column] + others, "RETURNING id, \(column)")
        try insert.write(missing.flatMap { [$0.stored] + $0.otherValues }, on: connection) { row in
            if let value = Self(row, column: 1) { known[value] = row.integer(0) }
        }
        return known
    }

    private static func read(_ wanted: [Self], on connection: any SQLConnection, into known: inout [Self: Int64]) throws {
        var rest = wanted[...]
        for size in [64, 8, 1] {
            let places = repeatElement("?", count: size).joined(separator: ", ")
            let sql = "SELECT id, \(column) FROM \(table) WHERE \(column) IN (\(places))"
            while rest.count >= size {
                try connection.query(sql, rest.prefix(size).map(\.stored)) { row in
                    if let value = Self(row, column: 1) { known[value] = row.integer(0) }
                }
                rest = rest.dropFirst(size)
            }
        }
    }
}

/// A word of reports: a feature, tier, team, environment, plan, model, component, price version.
struct Term: Interned {
    static let table = "terms"
    static let column = "word"
    let word: Identifier

    init(_ word: Identifier) { self.word = word }

    init?(_ row: any SQLRow, column: Int) {
        guard let text = row.text(column) else { return nil }
        word = Identifier(text)
    }

    var stored: SQLValue { .text(word.text) }
}

/// A user's name. Never remembered between transactions: it may have become a pseudonym.
struct UserName: Interned {
    static let table = "users"
    static let column = "name"
    let name: Identifier

    init(_ name: Identifier) { self.name = name }

    init?(_ row: any SQLRow, column: Int) {
        guard let text = row.text(column) else { return nil }
        name = Identifier(text)
    }

    var stored: SQLValue { .text(name.text) }
}
