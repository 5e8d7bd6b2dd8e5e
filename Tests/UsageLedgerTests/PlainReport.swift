import BudgetModel
@testable import UsageLedger

/// A report worked out from what each event books, one by one, the plain way.
enum PlainReport {
    /// Rows as text: keys, then requests, input, output, cached, cache write, reasoning, cost and unpriced.
    /// - Parameters:
    ///   - zone: of the periods.
    ///   - ledger: the ledger's own, whose months say what is a correction.
    static func rows(_ life: RandomEvents, _ query: UsageQuery, zone: LedgerZone, ledger: LedgerZone) -> [String] {
        var sums: [[String]: [Int64]] = [:]
        for line in life.lines where query.from <= line.event.reservedAt && line.event.reservedAt < query.to {
            let event = line.event
            guard query.filters.allSatisfy({ $0.value.map { $0?.text }.contains(value($0.key, event, ledger)) }) else { continue }
            let period = query.period.map { [zone.label($0, from: zone.clock.bounds(of: $0.window, at: event.reservedAt).start)] } ?? []
            let keys = period + query.groups.map { value($0, event, ledger) ?? "-" }
            let settled = line.isEvent && (event.kind == .commit || event.kind == .record)
            let amounts = line.amounts + [settled && event.flags.contains(.unpriced) ? 1 : 0]
            sums[keys] = zip(sums[keys] ?? [0, 0, 0, 0, 0, 0, 0, 0], amounts).map { $0 + $1 }
        }
        return sums.filter { $0.value[0] != 0 || $0.value[1] != 0 || $0.value[2] != 0 || $0.value[6] != 0 }
            .map { text($0.key, $0.value) }.sorted()
    }

    static func text(_ report: UsageReport, _ row: UsageRow) -> String {
        text(
            report.keys(of: row).map { $0 ?? "-" },
            [
                row.requests, row.inputTokens, row.outputTokens, row.cachedInputTokens, row.cacheWriteInputTokens, row.reasoningTokens,
                row.cost, row.unpriced,
            ])
    }

    private static func text(_ keys: [String], _ amounts: [Int64]) -> String {
        (keys + amounts.map(String.init)).joined(separator: " ")
    }

    private static func value(_ group: UsageGroup, _ event: LedgerEvent, _ zone: LedgerZone) -> String? {
        switch group {
        case .dimension(let dimension): event.attribution.value(of: dimension, model: event.model)?.text
        case .component: event.component
        case .priceClass: event.priceClass.rawValue
        case .priceVersion: event.priceVersion?.description
        case .correction:
            event.settledAt >= zone.clock.bounds(of: .month(anchorDay: 1), at: event.reservedAt).end ? "true" : "false"
        }
    }
}
