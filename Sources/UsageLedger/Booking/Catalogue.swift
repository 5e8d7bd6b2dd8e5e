import BudgetModel

/// Numbers that were looked up before. Those of words and of sets of them never change; those of counters are forgotten when names
/// of counters were removed. Bounded: whoever invents names without end only makes it slower.
struct Catalogue: Sendable {
    private(set) var terms: [Term: Int64] = [:]
    private(set) var dimensions: [DimensionSet: Int64] = [:]
    private(set) var counters: [CounterName: Int64] = [:]
    /// How often names of counters had been removed when theirs were looked up, as ``Meta/names`` has it.
    private var names: String?
    private static let limit = 20_000

    /// First of all in each transaction that writes.
    mutating func renew(on connection: any SQLConnection) throws {
        let now = try Meta.names.read(connection)
        if now != names { (counters, names) = ([:], now) }
    }

    mutating func learn(_ wanted: Set<Term>, on connection: any SQLConnection) throws {
        try Self.learn(wanted, &terms, connection)
    }

    mutating func learn(_ wanted: Set<DimensionSet>, on connection: any SQLConnection) throws {
        try Self.learn(wanted, &dimensions, connection)
    }

    mutating func learn(_ wanted: Set<CounterName>, on connection: any SQLConnection) throws {
        try Self.learn(wanted, &counters, connection)
    }

    private static func learn<Value: Interned>(
        _ wanted: Set<Value>, _ known: inout [Value: Int64], _ connection: any SQLConnection
    ) throws {
        let missing = wanted.filter { known[$0] == nil }
        guard !missing.isEmpty else { return }
        if known.count + missing.count > limit { known = known.filter { wanted.contains($0.key) } }
        known.merge(try Value.numbers(of: missing, on: connection)) { $1 }
    }
}
