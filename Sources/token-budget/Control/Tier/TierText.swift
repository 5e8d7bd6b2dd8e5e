import BudgetClient
import CommandSupport

/// A tier as people read it.
enum TierText {
    static func blocks(_ tier: TierReply, named name: String) -> [String] {
        let facts = TextTable(naming: [
            ("tier", name),
            ("ladder", ladder(tier)),
            ("longest answer", tier.maxOutputTokens.map { "\(Words.grouped($0)) tokens" }),
            ("message", tier.message),
            ("protected hours", tier.protectedHours?.description),
            ("when the store is down", tier.whenStoreIsDown),
            ("cap while it is down", tier.storeDownCap?.description),
        ])
        let allowances = tier.allowances ?? []
        return [facts.text, allowances.isEmpty ? "No allowance of its own." : table(allowances).text]
    }

    /// `gpt-4o-mini > gpt-4o-nano`: what is tried in turn.
    static func ladder(_ tier: TierReply) -> String? {
        tier.degradeTo.flatMap { $0.isEmpty ? nil : $0.joined(separator: " > ") }
    }

    private static func table(_ allowances: [TierAllowanceReply]) -> TextTable {
        var table = TextTable(columns: [
            ("ALLOWANCE", .left), ("UNIT", .left), ("LIMIT", .right), ("WINDOW", .left), ("PER", .left), ("MATCH", .left),
            ("SOFT", .right), ("OVERDRAFT", .right), ("TIME ZONE", .left), ("NOTE", .left),
        ])
        for allowance in allowances {
            let notes = [allowance.required == true ? "required" : nil, allowance.shadow == true ? "shadow" : nil].compactMap { $0 }
            table.add([
                allowance.name, allowance.unit, TextTable.amount(allowance.limit, allowance.unit), text(allowance.window),
                text(allowance.per), text(allowance.match), text(allowance.softLimit), text(allowance.overdraft),
                TextTable.orBlank(allowance.timeZone), TextTable.orBlank(notes.joined(separator: ", ")),
            ])
        }
        return table.withoutBlankColumns
    }

    private static func text(_ value: LooseValue?) -> String { TextTable.orBlank(value?.description) }
}
