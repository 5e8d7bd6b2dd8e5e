import BudgetModel
import NIOCore

/// The `Date` field's text, made once a second. RFC 9110 section 5.6.7.
struct HTTPDate {
    private var text = ""
    private var second: Int64 = -1
    private static let days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// - Parameter milliseconds: since 1970.
    mutating func at(_ milliseconds: Int64) -> String {
        let now = floorDivide(milliseconds, 1_000)
        guard now != second else { return text }
        second = now
        let day = Int(floorDivide(now, 86_400))
        let time = Int(now) - day * 86_400
        let date = CivilDate(dayNumber: day)
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : String(value) }
        text =
            "\(Self.days[((day + 3) % 7 + 7) % 7]), \(two(date.day)) \(Self.months[date.month - 1]) \(date.year) "
            + "\(two(time / 3_600)):\(two(time / 60 % 60)):\(two(time % 60)) GMT"
        return text
    }
}
