/// Names and reasons come from the service's users: none may move the cursor, start a line of its own, turn the direction of what
/// stands behind it, or look like another name. What would do so is shown as U+FFFD.
extension TextTable {
    package static func onOneLine(_ text: String) -> String { replacing(text) { $0.isUnseen } }

    /// The same for text of several lines.
    package static func visible(_ text: String) -> String { replacing(text) { $0.isUnseen && $0 != "\n" } }

    private static func replacing(_ text: String, _ isReplaced: (Unicode.Scalar) -> Bool) -> String {
        guard text.unicodeScalars.contains(where: isReplaced) else { return text }
        return String(String.UnicodeScalarView(text.unicodeScalars.map { isReplaced($0) ? "\u{FFFD}" : $0 }))
    }
}

extension Unicode.Scalar {
    /// Control characters, separators of lines, and format marks without a shape: U+200B-200F, U+202A-202E, U+2060-2069, U+FEFF
    /// and their like. Format marks that are drawn, such as Arabic number signs, are text.
    fileprivate var isUnseen: Bool {
        switch properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: true
        case .format: properties.isDefaultIgnorableCodePoint
        default: false
        }
    }
}
