/// The id of a distributed trace: 16 bytes, not all zero. W3C Trace Context, section 3.2.2.3.
package struct TraceID: Hashable, Sendable, CustomStringConvertible {
    package let high: UInt64
    package let low: UInt64

    /// - Returns: nil for all zeros, which mean that there is no trace.
    package init?(high: UInt64, low: UInt64) {
        guard high | low != 0 else { return nil }
        self.high = high
        self.low = low
    }

    /// 32 hexadecimal digits in lower case.
    package var description: String { hexadecimalDigits(of: high) + hexadecimalDigits(of: low) }
}
