import BudgetModel

extension LedgerZone {
    /// A period as reports name it: `2026-11`, `2026-11-20` (of a week its Monday), and of an hour `2026-11-20T14:00:00-05:00`, which
    /// tells apart the two hours of one name when clocks are set back.
    func label(_ period: UsagePeriod, from start: Int64) -> String {
        let (day, second) = clock.localTime(at: start)
        let date = CivilDate(dayNumber: day)
        let month = "\(date.year)-\(two(date.month))"
        switch period {
        case .month: return month
        case .day, .week: return "\(month)-\(two(date.day))"
        case .hour:
            let time = "\(two(second / 3_600)):\(two(second / 60 % 60)):\(two(second % 60))"
            return "\(month)-\(two(date.day))T\(time)\(offset(at: start))"
        }
    }

    private func offset(at time: Int64) -> String {
        let seconds = clock.offset(at: floorDivide(time, 1_000))
        let minutes = Int(seconds.magnitude) / 60
        return (seconds < 0 ? "-" : "+") + "\(two(minutes / 60)):\(two(minutes % 60))"
    }
}

func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
