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
        if let since = self["since"] {
            guard self["from"] == nil, self["to"] == nil else { throw .invalidQuery("since", "since stands in for from and to.") }
            guard let span = ReportSpan(last: since, before: now, zone) else {
                throw .invalidQuery("since", "Must be days or hours, such as 30d (today included) or 12h.")
            }
            return span
        }
        var span = ReportSpan(monthAround: now, zone)
        if let from = try instant("from", zone) { span.from = from }
        if let to = try instant("to", zone) { span.to = to }
        guard span.from < span.to else { throw .invalidQuery("from", "Must be before to, which is now unless given.") }
        return span
    }

    private func instant(_ name: String, _ zone: LedgerZone) throws(Problem) -> Int64? {
        guard let text = self[name] else { return nil }
        guard let instant = zone.instant(text) else {
            throw .invalidQuery(name, "Must be a date or a time, such as 2026-12-01 or 2026-12-01T09:00:00Z.")
        }
        return instant
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
    static func invalidQuery(_ name: String, _ detail: String) -> Problem {
        Problem(400, "invalid_query", "Malformed request", detail, pointer: "/\(name)")
    }
}
