import BudgetModel

/// What a month is going to cost, from what it has cost so far and what days have cost lately.
///
/// With 14 full days or more each day left is expected to cost the mean of its weekday, else the mean of all days; what is left of
/// today, its share of that. The range holds in 80 of 100 cases if days differ by chance alone (normal approximation): 1.2816 times
/// the square root of the variance of the days left plus that of the means.
package struct MonthForecast: Hashable, Sendable {
    /// Whose it is; nil: everybody's, or of those without a value.
    package var name: String?
    /// Microcents booked so far, as all money here.
    package var spent: Int64
    /// nil with fewer than ``minimumDays`` full days behind it.
    package var estimate: Estimate?
    /// Full days that were looked at, at most ``maximumDays``.
    package var days: Int
    package var confidence: Insight.Confidence

    package struct Estimate: Hashable, Sendable {
        package var expected: Int64
        package var low: Int64
        package var high: Int64
    }

    package static let minimumDays = 3
    package static let maximumDays = 28
    /// From here on weekdays are told apart.
    static let weekdayDays = 14
    /// Of the normal distribution: 80 % lie within so many ten-thousandths of a deviation.
    static let deviations: Int128 = 12_816
    /// Beyond ten million dollars a day the range stays as it is: squares have an end.
    private static let largestDeviation: Int64 = 1_000_000_000_000_000

    /// A full day of the ledger's zone.
    struct Day: Hashable {
        /// 0-6, whatever 0 is.
        var weekday: Int
        var cost: Int64
    }

    /// What is still to come: thousandths of a day by weekday. 1,000 is a whole one.
    struct Rest {
        var thousandths = [Int64](repeating: 0, count: 7)
    }

    /// - Parameters:
    ///   - spent: this month's, today's included.
    ///   - history: full days before today.
    init(name: String?, spent: Int64, history: [Day], rest: Rest) {
        self.name = name
        self.spent = spent
        days = history.count
        guard days >= Self.minimumDays else {
            confidence = .low
            return
        }
        confidence = days >= Self.weekdayDays ? .high : .medium
        estimate = Self.estimate(spent, history, rest)
    }

    private static func estimate(_ spent: Int64, _ history: [Day], _ rest: Rest) -> Estimate {
        let byWeekday = history.count >= weekdayDays
        // One class of days, or seven; with 14 days in a row each weekday was there twice, but days may be missing.
        var classes = [[Int64]](repeating: [], count: 7)
        for day in history { classes[byWeekday ? day.weekday : 0].append(day.cost) }
        let all = mean(history.map(\.cost))
        let means = classes.map { $0.isEmpty ? all : mean($0) }
        var expected: Int128 = 0
        var due = [Int128](repeating: 0, count: 7)
        for (weekday, share) in rest.thousandths.enumerated() {
            let kind = byWeekday ? weekday : 0
            expected += Int128(means[kind]) * Int128(share) / 1_000
            due[kind] += Int128(share)
        }
        let squares = zip(classes, means).reduce(Int128(0)) { sum, entry in
            entry.0.reduce(sum) { $0 + square(min(max($1 - entry.1, -largestDeviation), largestDeviation)) }
        }
        let freedom = max(history.count - classes.count { !$0.isEmpty }, 1)
        // Thousandths: each day left varies by itself, and each mean, which counts for all of its days, is uncertain too.
        let weight = zip(due, classes).reduce(Int128(0)) { sum, entry in
            let (thousandths, seen) = (entry.0, Int128(entry.1.isEmpty ? history.count : entry.1.count))
            return sum + thousandths + thousandths * thousandths / (1_000 * seen)
        }
        let spread = squareRoot(squares / Int128(freedom) * weight / 1_000) * deviations / 10_000
        let total = Int128(spent) + expected
        return Estimate(
            expected: Int64(clamping: total), low: Int64(clamping: max(total - spread, Int128(spent))),
            high: Int64(clamping: total + spread))
    }

    private static func square(_ value: Int64) -> Int128 { Int128(value) * Int128(value) }

    /// To the nearest below; of an empty list 0.
    private static func mean(_ values: [Int64]) -> Int64 {
        values.isEmpty ? 0 : Int64(clamping: values.reduce(Int128(0)) { $0 + Int128($1) } / Int128(values.count))
    }

    /// The whole part of the root, by Newton's method in integers.
    static func squareRoot(_ value: Int128) -> Int128 {
        guard value > 1 else { return max(value, 0) }
        var root = Int128(1) << ((128 - value.leadingZeroBitCount + 1) / 2)
        while true {
            let next = (root + value / root) / 2
            if next >= root { return root }
            root = next
        }
    }
}

extension MonthForecast {
    /// - Parameters:
    ///   - who: how the sentence begins: `Everything`, `feature "chat"`.
    ///   - month: `2026-11`.
    package func sentence(_ who: String, _ month: String) -> String {
        let start = "\(who) has cost \(Figures.dollars(spent)) in \(month) so far"
        guard let estimate else {
            return """
                \(start). It is too early to say how the month ends: of the \(Self.minimumDays) full days of spend that are needed there \
                \(days == 1 ? "is" : "are") \(days).
                """
        }
        let basis = days >= Self.weekdayDays ? "the weekdays of the last \(days) days" : "the last \(days) days"
        return """
            \(start) and will probably have cost \(Figures.dollars(estimate.expected)) by its end, between \
            \(Figures.dollars(estimate.low)) and \(Figures.dollars(estimate.high)) in 80 of 100 cases, going by \(basis).
            """
    }
}
