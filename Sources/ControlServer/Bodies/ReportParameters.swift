import BudgetHTTP
import BudgetModel
import UsageLedger

/// What several reports take in their query: from when until when, in whose time.
extension Query {
    static let spanParameters: Set<String> = ["from", "to", "since", "time_zone"]

    /// `time_zone`, or the ledger's own.
    func zone(_ ledger: LedgerZone) throws(Problem) -> LedgerZone {
        guard let name = self["time_zone"] else { return ledger }
        guard let zone = LedgerZone(name) else {
            throw .invalidQuery("time_zone", "Must be an IANA time zone such as Europe/Berlin.")
        }
        return zone
    }

    /// `from` and `to`, or `since`; this month so far without them.
    func span(_ zone: LedgerZone, now: Int64) throws(Problem) -> ReportSpan {
        try span(zone, now: now, latest: .max, "the first of the month") { _ in ReportSpan(monthAround: now, zone).from }
    }

    /// The same; the last `days` times 24 hours without `from`, and nothing after now.
    func span(_ zone: LedgerZone, lastDays days: Int64, now: Int64) throws(Problem) -> ReportSpan {
        try span(zone, now: now, latest: now, "\(days) days before") { $0 - days * 86_400_000 }
    }

    /// - Parameters:
    ///   - latest: a later `to` is this.
    ///   - words: what `from` is unless given, for people.
    ///   - start: the same for a `to`.
    private func span(
        _ zone: LedgerZone, now: Int64, latest: Int64, _ words: String, _ start: (Int64) -> Int64
    ) throws(Problem) -> ReportSpan {
        if let since = self["since"] {
            guard self["from"] == nil, self["to"] == nil else { throw .invalidQuery("since", "since stands in for from and to.") }
            guard let span = ReportSpan(last: since, before: now, zone) else {
                throw .invalidQuery("since", "Must be days or hours, such as 30d (today included) or 12h.")
            }
            return span
        }
        let (from, to) = (try instant("from", zone), try instant("to", zone))
        let end = min(to ?? now, latest)
        let span = ReportSpan(from: from ?? start(end), to: end)
        // The first instant of a month has no time behind it yet, and that is nobody's mistake.
        guard from != nil || to != nil, span.from >= span.to else { return span }
        if from == nil { throw .invalidQuery("to", "Must be after from, which is \(words) unless given.") }
        throw .invalidQuery("from", "Must be before to, which is now unless given.")
    }

    private func instant(_ name: String, _ zone: LedgerZone) throws(Problem) -> Int64? {
        guard let text = self[name] else { return nil }
        guard let instant = zone.instant(text) else { throw .noTime(name) }
        return instant
    }

    /// `pro:20,team:99.50`: USD a month by plan, as microcents; nil when nothing is said.
    func revenue() throws(Problem) -> [Identifier: Int64]? {
        guard let text = self["revenue"] else { return nil }
        var revenue: [Identifier: Int64] = [:]
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let colon = part.lastIndex(of: ":"), case let plan = Identifier(String(part[..<colon])), plan.isValid,
                let amount = DecimalNumber(part[part.index(after: colon)...])?.scaled(toPlaces: Money.places),
                amount <= Self.largestRevenue, revenue.updateValue(amount, forKey: plan) == nil
            else { throw .invalidQuery("revenue", "Must be USD a month for each plan, once each, such as pro:20,team:99.50.") }
        }
        return revenue
    }

    /// A million dollars a month, microcents: sums over users and months stay far below 2^63.
    private static var largestRevenue: Int64 { 1_000_000 * 100_000_000 }

    /// An id that is no user's.
    func name(_ name: String) throws(Problem) -> Identifier? {
        guard let identifier = self[name].map({ Identifier($0) }) else { return nil }
        guard identifier.isValid else { throw .invalidQuery(name, "Must be 1 to 256 bytes of UTF-8 without control characters.") }
        return identifier
    }

    /// One of the words that `Word` has.
    func word<Word: RawRepresentable & CaseIterable>(_ name: String, _ type: Word.Type = Word.self) throws(Problem) -> Word?
    where Word.RawValue == String {
        guard let text = self[name] else { return nil }
        guard let word = Word(rawValue: text) else {
            throw .invalidQuery(name, "Must be one of \(Word.allCases.map(\.rawValue).joined(separator: ", ")).")
        }
        return word
    }
}

extension Problem {
    static func noTime(_ name: String) -> Problem {
        .invalidQuery(name, "Must be a date or a time, such as 2026-12-01 or 2026-12-01T09:00:00Z.")
    }
}
