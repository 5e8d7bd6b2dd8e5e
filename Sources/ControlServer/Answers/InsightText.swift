import BudgetModel
import UsageLedger

/// Forecasts and insights as the control API shows them.
extension JSONText {
    mutating func forecast(_ forecast: MonthForecast, _ who: String, _ month: String) {
        money("spent_usd", forecast.spent)
        optionalMoney("expected_usd", forecast.estimate?.expected)
        optionalMoney("low_usd", forecast.estimate?.low)
        optionalMoney("high_usd", forecast.estimate?.high)
        text("confidence", forecast.confidence.rawValue)
        count("history_days", forecast.days)
        text("sentence", forecast.sentence(who, month))
    }

    mutating func groups(_ spend: SpendForecast, by dimension: Dimension) {
        text("by", dimension.rawValue)
        key("groups")
        array { json in
            for group in spend.groups {
                let who = group.name.map { "The \(dimension.rawValue) \(Figures.name($0))" } ?? "What has no \(dimension.rawValue)"
                json.object { json in
                    json.optional(dimension.rawValue, group.name)
                    json.forecast(group, who, spend.label)
                }
            }
        }
        flag("more", spend.hasMore)
    }

    mutating func outlook(_ outlook: AllowanceOutlook) {
        let state = outlook.state
        object { json in
            json.figures(of: state)
            if !state.dimensions.isEmpty { json.dimensions(state.dimensions) }
            json.key("per_day")
            if let rate = outlook.perDay { json.value(rate, state.unit) } else { json.null() }
            json.text("outlook", outlook.word)
            json.optionalTime("runs_out_at", outlook.runsOutAt)
            json.text("confidence", outlook.confidence.rawValue)
            json.text("sentence", outlook.sentence)
        }
    }

    /// - Parameter asked: the time asked for, which may be longer than what was looked at.
    mutating func report(_ report: InsightReport, asked: InsightQuery) {
        key("from")
        time(asked.from)
        key("to")
        time(asked.to)
        key("examined")
        object { json in
            json.key("from")
            json.time(report.from)
            json.key("to")
            json.time(report.to)
            json.key("requests")
            json.integer(report.requests)
            json.flag("capped", report.isCapped)
            if asked.from < report.rawSince { json.flag("incomplete", true) }
        }
        key("insights")
        array { json in for insight in report.insights { json.insight(insight) } }
    }

    private mutating func insight(_ insight: Insight) {
        object { json in
            json.text("kind", insight.kind.rawValue)
            json.text("sentence", insight.sentence)
            json.key("subject")
            json.object { json in
                for entry in insight.subject { json.optional(entry.name, entry.value) }
            }
            json.money("saving_usd", insight.saving)
            json.optionalMoney("saving_usd_30_days", insight.monthlySaving)
            json.text("confidence", insight.confidence.rawValue)
            json.key("evidence")
            json.object { json in
                for entry in insight.evidence {
                    json.key(entry.name)
                    json.figure(entry.value)
                }
            }
        }
    }

    private mutating func figure(_ figure: Insight.Figure) {
        switch figure {
        case .count(let count): integer(count)
        case .dollars(let microcents): dollars(microcents)
        case .text(let text): string(text)
        case .flag(let flag): bool(flag)
        }
    }

    // MARK: Values that may be missing

    private mutating func value(_ amount: Int64, _ unit: AllowanceUnit) {
        if unit == .usd { dollars(amount) } else { integer(amount) }
    }
}

extension AllowanceOutlook {
    /// The verdict in answers.
    fileprivate var word: String {
        switch verdict {
        case .runsOut: "runs_out"
        case .usedUp: "used_up"
        case .lasts: "lasts"
        case .unknown: "unknown"
        }
    }

    fileprivate var runsOutAt: Int64? {
        if case .runsOut(let time) = verdict { time } else { nil }
    }
}
