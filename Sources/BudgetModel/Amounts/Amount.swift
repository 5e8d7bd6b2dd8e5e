/// Limits on numbers. Redis' Lua computes in doubles, so an integer is exact only up to 2^53 - 1.
package enum Amount {
    /// Largest amount of any unit that is accepted, stored or summed up: 2^53 - 1.
    package static let maximum: Int64 = 9_007_199_254_740_991

    /// The sum, or nil when it would pass ``maximum``.
    package static func sum(_ a: Int64, _ b: Int64) -> Int64? {
        let (total, overflow) = a.addingReportingOverflow(b)
        return overflow || total > maximum ? nil : total
    }
}
