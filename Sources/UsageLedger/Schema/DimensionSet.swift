import BudgetModel

/// What a rollup's row is about, interned as a whole: few sets there are, though each has many values to choose from.
struct DimensionSet: Interned {
    static let table = "dims"
    static let column = "packed"
    static let others = columns
    /// Numbers of ``Term``s, 0 where there is none; the last two are ``PriceClass/code`` and 0 or 1.
    static let columns = [
        "model", "feature", "tier", "team", "environment", "plan", "component", "price_version", "price_class", "correction",
    ]

    private let numbers: [Int64]

    private init(numbers: [Int64]) { self.numbers = numbers }

    /// - Parameters:
    ///   - words: of ``words(of:)``, in their order.
    ///   - correction: booked after the month it belongs to was over.
    init(words: [Int64], priceClass: PriceClass, correction: Bool) {
        numbers = words + [Int64(priceClass.code), correction ? 1 : 0]
    }

    /// What a user is, rather than what was asked: the rest is left out where sums are by user.
    static let ofUsers: Set<UsageGroup> = [
        .dimension(.user), .dimension(.tier), .dimension(.team), .dimension(.environment), .dimension(.plan),
    ]

    /// The set with nothing but ``ofUsers`` in it.
    var ofUser: DimensionSet {
        let words = zip(Self.columns, numbers).dropLast(2).map { column, number in
            UsageGroup(word: column).map(Self.ofUsers.contains) == true ? number : 0
        }
        return DimensionSet(words: words, priceClass: .standard, correction: false)
    }

    /// The same, booked in its month or after it.
    func asCorrection(_ correction: Bool) -> DimensionSet { DimensionSet(numbers: numbers.dropLast() + [correction ? 1 : 0]) }

    /// The set of a number; nil when there is none.
    static func numbered(_ number: Int64, _ connection: any SQLConnection) throws -> DimensionSet? {
        var found: DimensionSet?
        try connection.query("SELECT packed FROM dims WHERE id = ?", [.integer(number)]) { found = DimensionSet($0, column: 0) }
        return found
    }

    /// The words of an event that the set names, in the order of ``columns``.
    static func words(of event: LedgerEvent) -> [Term?] {
        let who = event.attribution
        let names = [
            event.model, who.feature, who.tier, who.team, who.environment, who.plan, event.component.map { Identifier($0) },
            event.priceVersion.map { Identifier($0.description) },
        ]
        return names.map { $0.map(Term.init) }
    }

    var stored: SQLValue {
        .bytes(numbers.flatMap { number in stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: number >> $0) } })
    }

    var otherValues: [SQLValue] { numbers.map { .integer($0) } }

    init?(_ row: any SQLRow, column: Int) {
        guard let packed = row.bytes(column), packed.count == Self.columns.count * 8 else { return nil }
        numbers = stride(from: 0, to: packed.count, by: 8).map { at in
            Int64(bitPattern: packed[at..<at + 8].reduce(0) { $0 << 8 | UInt64($1) })
        }
    }
}
