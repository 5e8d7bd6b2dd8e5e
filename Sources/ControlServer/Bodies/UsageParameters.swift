import BudgetHTTP
import BudgetModel
import UsageLedger

/// What `GET /v1/usage` is asked: which sums, and how they are written.
struct UsageParameters {
    enum Format: String, CaseIterable {
        case json, csv, focus
        case focusJSON = "focus_json"

        var isFocus: Bool { self == .focus || self == .focusJSON }
        var isCSV: Bool { self == .csv || self == .focus }
    }
    enum Order: String, CaseIterable {
        case keys, cost
    }

    var query: UsageQuery
    var export: UsageExport
    var zone: LedgerZone
    private var format: Format

    private static let known =
        Query.spanParameters.union(UsageGroup.all.map(\.word)).union(["group_by", "order", "limit", "format", "detail", "averages"])
    private static let ofFocus: Set = ["focus_version", "billing_account", "billed"]

    /// - Parameters:
    ///   - ledger: the ledger's zone.
    ///   - now: milliseconds.
    /// - Throws: 400 naming the parameter.
    init(_ asked: Query, _ ledger: LedgerZone, now: Int64, _ limits: ControlLimits) throws(Problem) {
        format = try asked.word("format") ?? .json
        try asked.allowOnly(format.isFocus ? Self.known.union(Self.ofFocus) : Self.known)
        zone = try asked.zone(ledger)
        let span = try asked.span(zone, now: now)
        query = UsageQuery(from: span.from, to: span.to)
        query.zone = zone
        try query.group(asked["group_by"])
        if format.isFocus { try query.becomeFocus() }
        for group in UsageGroup.all {
            if let values = asked[group.word] { query.filters[group] = try group.filter(values) }
        }
        query.order = try asked.word("order", Order.self) == .cost ? .costDescending : .keys
        query.limit = try asked.integer("limit", in: 1...limits.largestTop)
        export = try Self.export(format, asked)
    }

    private static func export(_ format: Format, _ asked: Query) throws(Problem) -> UsageExport {
        let (detail, averages) = (try asked.flag("detail"), try asked.flag("averages"))
        switch format {
        case .json: return .json(detail: detail, averages: averages)
        case .csv: return .csv(detail: detail, averages: averages)
        case .focus: return .focusCSV(try FocusSettings(asked))
        case .focusJSON: return .focusJSON(try FocusSettings(asked))
        }
    }

    /// What a browser saves the answer as; nil where it is not for saving.
    var fileName: String? {
        guard format.isCSV else { return nil }
        return "\(format == .csv ? "usage" : "focus")-\(zone.dayLabel(query.from))-\(zone.dayLabel(query.to - 1)).csv"
    }
}

extension UsageQuery {
    fileprivate mutating func group(_ words: String?) throws(Problem) {
        guard let words, !words.isEmpty else { return }
        do { try group(by: words) } catch { throw .invalidQuery("group_by", "\(error)") }
    }

    /// FOCUS has columns of its own; only the period and whether users are told apart are the caller's.
    fileprivate mutating func becomeFocus() throws(Problem) {
        guard groups.allSatisfy({ $0 == .dimension(.user) }) else {
            throw .invalidQuery("group_by", "FOCUS rows are grouped by hour, day or month, and by user if asked for.")
        }
        guard period != .week else {
            throw .invalidQuery("group_by", "A week may lie in two months, and a FOCUS row in one billing period: hour, day or month.")
        }
        let focus = UsageQuery.focus(from: from, to: to, period: period ?? .day, byUser: !groups.isEmpty)
        (period, groups) = (focus.period, focus.groups)
    }
}

extension UsageGroup {
    /// `chat,search`: one of these values; a comma of a value's own is written `\,`. Nothing between commas stands for usage that
    /// names none.
    fileprivate func filter(_ text: String) throws(Problem) -> [Identifier?] {
        var values: [Identifier?] = []
        for part in Self.parts(text) {
            let value = Identifier(part)
            guard part.isEmpty || (value.isValid && isPossible(value.text)) else {
                throw .invalidQuery(word, "\"\(part)\" is no \(word)\(choice).")
            }
            values.append(part.isEmpty ? nil : value)
        }
        return values
    }

    private static func parts(_ text: String) -> [String] {
        var (parts, isEscaped) = ([""], false)
        for character in text {
            switch (character, isEscaped) {
            case ("\\", false): isEscaped = true
            case (",", false): parts.append("")
            default:
                // A backslash before anything else is itself.
                if isEscaped, character != ",", character != "\\" { parts[parts.count - 1].append("\\") }
                parts[parts.count - 1].append(character)
                isEscaped = false
            }
        }
        if isEscaped { parts[parts.count - 1].append("\\") }
        return parts
    }

    private func isPossible(_ value: String) -> Bool {
        switch self {
        case .priceClass: PriceClass(rawValue: value) != nil
        case .correction: value == "true" || value == "false"
        case .dimension, .component, .priceVersion: true
        }
    }

    private var choice: String {
        switch self {
        case .priceClass: "; there are \(PriceClass.allCases.map(\.rawValue).joined(separator: ", "))"
        case .correction: "; it is true or false"
        case .dimension, .component, .priceVersion: ""
        }
    }
}

extension FocusSettings {
    fileprivate init(_ asked: Query) throws(Problem) {
        self.init()
        version = try asked.word("focus_version") ?? .v13
        isBilled = try asked.flag("billed")
        if let account = try asked.name("billing_account") { billingAccount = account.text }
    }
}
