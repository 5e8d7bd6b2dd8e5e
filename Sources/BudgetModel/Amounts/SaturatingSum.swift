extension Int64 {
    /// Adds as far as there is room. For sums of amounts that callers send: one amount is at most 2^53 - 1, but 1,025 of them
    /// are more than an integer holds, and a figure nobody decides by is no reason to stop the service.
    package mutating func addSaturating(_ other: Int64) {
        let (sum, overflows) = addingReportingOverflow(other)
        self = overflows ? (other < 0 ? .min : .max) : sum
    }
}
