import ArgumentParser
import CommandSupport
import Foundation

/// The question before something is lost for good.
struct Confirmation: ParsableArguments {
    /// Like a command line that is not understood.
    private static let nobodyToAsk = ExitCode(2)

    @Flag(help: "Do not ask whether you are sure.")
    var yes = false

    /// Returns if somebody agrees.
    /// - Throws: the exit code of wrong usage where nobody can be asked, of failure where somebody refuses.
    func require(_ question: String) throws {
        if yes { return }
        guard isatty(STDIN_FILENO) == 1, isatty(STDERR_FILENO) == 1 else {
            Self.write("Error: This cannot be undone, and there is no terminal to ask on: give --yes.\n")
            throw Self.nobodyToAsk
        }
        Self.write(TextTable.onOneLine(question) + " [y/N] ")
        guard Self.agrees(readLine()) else {
            print("Nothing was changed.")
            throw ExitCode.failure
        }
    }

    private static func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }

    static func agrees(_ answer: String?) -> Bool {
        ["y", "yes"].contains(answer?.trimmingCharacters(in: .whitespaces).lowercased() ?? "")
    }
}
