import BudgetModel

/// Days and months of the ledger's zone around given times. Asked for every event, so what was found last is kept.
struct LedgerCalendar {
    private let clock: ZoneClock
    private var days: [WindowBounds] = []
    private var months: [WindowBounds] = []
    private static let kept = 8

    init(_ zone: LedgerZone) { clock = zone.clock }

    mutating func day(around time: Int64) -> WindowBounds { find(.day, time, in: &days) }
    mutating func month(around time: Int64) -> WindowBounds { find(.month(anchorDay: 1), time, in: &months) }

    private func find(_ window: Window, _ time: Int64, in known: inout [WindowBounds]) -> WindowBounds {
        if let found = known.first(where: { $0.contains(time) }) { return found }
        let bounds = clock.bounds(of: window, at: time)
        known.insert(bounds, at: 0)
        if known.count > Self.kept { known.removeLast() }
        return bounds
    }
}
