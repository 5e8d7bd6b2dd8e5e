import Foundation

/// Tells on stderr how something goes: one line that changes on a terminal, else a line for each word.
package struct StatusLine: Sendable {
    package let isTerminal = isatty(STDERR_FILENO) == 1
    private let isOn: Bool
    private static let cleared = "\r\u{1B}[K"

    /// - Parameter always: tell it even where nobody is looking.
    package init(always: Bool) { isOn = always || isatty(STDERR_FILENO) == 1 }

    package func show(_ text: String) {
        let line = TextTable.onOneLine(text)
        write(isTerminal ? Self.cleared + line : line + "\n")
    }

    /// Leaves a clean line behind.
    package func clear() { if isTerminal { write(Self.cleared) } }

    private func write(_ text: String) { if isOn { FileHandle.standardError.write(Data(text.utf8)) } }
}
