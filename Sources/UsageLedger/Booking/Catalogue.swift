import BudgetModel

/// Numbers that were looked up before, for they never change. Bounded: whoever invents names without end only makes it slower.
struct Catalogue: Sendable {
    private(set) var terms: [Term: Int64] = [:]
    private(set) var dimensions: [DimensionSet: Int64] = [:]
    private(set) var counters: [CounterName: Int64] = [:]
    private static let limit = 20_000

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
