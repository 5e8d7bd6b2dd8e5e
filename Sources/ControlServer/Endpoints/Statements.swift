import BudgetHTTP
import BudgetModel
import HTTPTypes
import UsageLedger

/// `GET /v1/statements`: what each team, or feature, owes for a month.
extension ControlDesk {
    private enum Format: String, CaseIterable {
        case json, csv, html
    }

    func statements() -> [Endpoint] {
        [Endpoint(.get, "/v1/statements", .read, body: 0) { try await self.statement($0) }]
    }

    private func statement(_ call: ControlCall) async throws -> ControlAnswer {
        try call.query.allowOnly(["by", "month", "only", "format"])
        let by = try call.query.word("by", Statement.By.self) ?? .team
        let format = try call.query.word("format", Format.self) ?? .json
        let only = try call.query.name("only")
        let asked = try call.query.month()
        let ledger = try await reports()
        let now = try await reportTime()
        let month = asked ?? ledger.zone.monthBefore(now)
        let statement = try await ledger.statement(by: by, year: month.year, month: month.month, only: only, now: now)
        return Self.answer(statement, format)
    }

    private static func answer(_ statement: Statement, _ format: Format) -> ControlAnswer {
        switch format {
        case .json: return ControlAnswer(contentType: "application/json", statement.json)
        case .csv:
            var answer = ControlAnswer(contentType: "text/csv; charset=utf-8; header=present", statement.csv)
            let name = "statement-\(statement.by.rawValue)-\(statement.monthLabel).csv"
            answer.fields[.contentDisposition] = "attachment; filename=\"\(name)\""
            return answer
        case .html:
            var answer = ControlAnswer(contentType: "text/html; charset=utf-8", Array(statement.html.utf8))
            // It needs nothing besides itself: names in it come from callers and must load nothing.
            answer.fields[.contentSecurityPolicy] = "default-src 'none'; style-src 'unsafe-inline'"
            answer.fields[.xContentTypeOptions] = "nosniff"
            return answer
        }
    }
}

extension Query {
    /// `2026-11`
    fileprivate func month() throws(Problem) -> (year: Int, month: Int)? {
        guard let text = self["month"] else { return nil }
        guard let found = text.wholeMatch(of: /([0-9]{4})-([0-9]{2})/), let year = Int(found.1), let month = Int(found.2),
            (1970...9999).contains(year), (1...12).contains(month)
        else { throw .invalidQuery("month", "Must be a month such as 2026-11.") }
        return (year, month)
    }
}
