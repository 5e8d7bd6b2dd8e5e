import BudgetModel

/// The name of a user who was erased, `erased-` and eight hexadecimal digits. In the table a mark follows that no caller's name can
/// have, for callers may well call somebody `erased-0badcafe`: that is another user.
enum Pseudonym {
    /// U+001A, "substitute": ids hold no control characters.
    private static let mark: Character = "\u{1A}"
    /// Gives the names of an older ledger their mark, and has what is left of those users looked at again.
    static let marking = "UPDATE users SET name = name || '\(mark)', erased = 1 WHERE erased > 0"

    static func random() -> Identifier {
        Identifier("erased-" + hexadecimalDigits(of: .random(in: 0...UInt64(UInt32.max)), count: 8))
    }

    /// As the table has it.
    static func stored(_ name: Identifier) -> String { name.text + String(mark) }

    /// A user's name as people see it.
    static func shown(_ stored: String) -> String {
        stored.utf8.last == mark.asciiValue ? String(stored.dropLast()) : stored
    }
}
