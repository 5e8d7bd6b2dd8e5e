package import BudgetModel

/// A call's place in a distributed trace, from its `traceparent` field. W3C Trace Context, section 3.2.
///
/// The answer carries the same field back: this service takes part in a trace, but opens no span of its own.
package struct TraceContext: Hashable, Sendable, CustomStringConvertible {
    package let id: TraceID
    /// The caller's span.
    private let span: UInt64
    private let flags: UInt8

    /// `00-<32 hex>-<16 hex>-<2 hex>` in lower case; of a later version (up to `fe`) the same part, with more behind it.
    /// - Returns: nil for anything else: a trace that cannot be read is no reason to fail a call.
    package init?(_ field: String) {
        let text = Array(field.utf8)
        guard text.count >= Self.length, Self.dashes.allSatisfy({ text[$0] == UInt8(ascii: "-") }),
            let version = Self.number(text[0..<2]), version != 0xFF,
            version == 0 ? text.count == Self.length : text.count == Self.length || text[Self.length] == UInt8(ascii: "-"),
            let high = Self.number(text[3..<19]), let low = Self.number(text[19..<35]), let id = TraceID(high: high, low: low),
            let span = Self.number(text[36..<52]), span != 0, let flags = Self.number(text[53..<55])
        else { return nil }
        self.id = id
        self.span = span
        self.flags = UInt8(truncatingIfNeeded: flags)
    }

    private static let length = 55
    private static let dashes = [2, 35, 52]

    /// Up to 16 hexadecimal digits; upper case is not allowed here.
    private static func number(_ digits: ArraySlice<UInt8>) -> UInt64? {
        var value: UInt64 = 0
        for digit in digits {
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = value << 4 | UInt64(digit - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): value = value << 4 | UInt64(digit - UInt8(ascii: "a") + 10)
            default: return nil
            }
        }
        return value
    }

    /// As the field is written, of version 00.
    package var description: String {
        "00-\(id)-\(hexadecimalDigits(of: span))-\(hexadecimalDigits(of: UInt64(flags), count: 2))"
    }
}
