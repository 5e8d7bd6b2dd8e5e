import BudgetModel

/// Comma-separated values (RFC 4180): lines end with CR LF, cells are quoted where they must be.
enum CSVText {
    enum Cell {
        /// Somebody else's text. What a spreadsheet would take for a formula gets an apostrophe in front.
        case text(String)
        case integer(Int64)
        /// Microcents.
        case money(Int64)
        /// Ten-thousandths.
        case ratio(Int64)
        /// A number as it is written.
        case decimal(String)
        case empty

        init(_ text: String?) { self = text.map(Cell.text) ?? .empty }
    }

    static func line(_ cells: [Cell]) -> [UInt8] {
        var bytes = ByteWriter(capacity: 256)
        for (index, cell) in cells.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            switch cell {
            case .text(let text): append(text, to: &bytes)
            case .integer(let value): bytes.append(decimal: value)
            case .money(let microcents): bytes.append(dollars: microcents)
            case .ratio(let value): bytes.append(utf8: ratio(value))
            case .decimal(let digits): bytes.append(utf8: digits)
            case .empty: break
            }
        }
        bytes.append("\r\n")
        return bytes.bytes
    }

    /// `4213` -> `0.4213`, without trailing zeros.
    static func ratio(_ value: Int64) -> String {
        let (whole, fraction) = value.magnitude.quotientAndRemainder(dividingBy: 10_000)
        var digits = String(fraction + 10_000).dropFirst()
        while digits.last == "0" { digits.removeLast() }
        return (value < 0 ? "-" : "") + "\(whole)" + (digits.isEmpty ? "" : "." + digits)
    }

    /// First characters that make spreadsheets compute (OWASP, "CSV Injection").
    private static let triggers: Set<UInt8> = [
        UInt8(ascii: "="), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "@"), 0x09, 0x0A, 0x0D,
    ]

    private static func append(_ text: String, to bytes: inout ByteWriter) {
        let safe = text.utf8.first.map { triggers.contains($0) } == true ? "'" + text : text
        let needsQuotes = safe.utf8.contains { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "\"") || $0 == 0x0D || $0 == 0x0A }
        guard needsQuotes else { return bytes.append(utf8: safe) }
        bytes.append(UInt8(ascii: "\""))
        for byte in safe.utf8 {
            if byte == UInt8(ascii: "\"") { bytes.append(byte) }
            bytes.append(byte)
        }
        bytes.append(UInt8(ascii: "\""))
    }
}

extension JSONText {
    /// The same as a JSON value; null for an empty cell.
    mutating func cell(_ cell: CSVText.Cell) {
        switch cell {
        case .text(let text): string(text)
        case .integer(let value): integer(value)
        case .money(let microcents): dollars(microcents)
        case .ratio(let value): raw(Array(CSVText.ratio(value).utf8))
        case .decimal(let digits): raw(Array(digits.utf8))
        case .empty: null()
        }
    }
}
