package import ArgumentParser
package import BudgetClient

/// What a command's help says, read to say more with it.
package struct HelpText {
    private let text: String

    package init(_ command: any ParsableCommand.Type) { text = command.helpMessage() }
    package init(_ text: String) { self.text = text }

    /// The service names a field of the API; whoever typed a command knows its option or argument.
    func naming(_ error: any Error) -> any Error {
        guard var problem = error as? BudgetProblem else { return error }
        problem.option = option(for: problem)
        return problem
    }

    /// `--input-tokens` for `/input_tokens`, `--limit` for `/limits/daily-tokens`, `<user>` for `/user`; nil where the command has no
    /// such option.
    package func option(for problem: BudgetProblem) -> String? {
        guard let pointer = problem.pointer, let field = pointer.split(separator: "/").first else { return nil }
        let name = field.replacing("_", with: "-")
        let words = name.hasSuffix("s") ? [name, String(name.dropLast())] : [name]
        return words.flatMap { ["--\($0)", "<\($0)>"] }.first(where: has)
    }

    private func has(_ word: String) -> Bool {
        text.split { $0.isWhitespace || "[],".contains($0) }.contains { $0 == word }
    }

    /// A command's own options before those that many commands share: the parser puts its groups first.
    package static func ownOptionsFirst(_ help: String) -> String {
        let text = help.hasSuffix("\n") ? help.dropLast() : Substring(help)
        var blocks = text.split(separator: "\n\n", omittingEmptySubsequences: false).map(String.init)
        guard let usage = blocks.firstIndex(where: { $0.hasPrefix("USAGE: ") }),
            let options = blocks.firstIndex(where: { $0.hasPrefix("OPTIONS:\n") })
        else { return help }
        let own = blocks.remove(at: options)
        let above = blocks.firstIndex { $0.hasPrefix("ARGUMENTS:\n") } ?? usage
        blocks.insert(own, at: above + 1)
        return blocks.joined(separator: "\n\n")
    }
}
