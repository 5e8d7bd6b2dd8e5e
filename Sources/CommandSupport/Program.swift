package import ArgumentParser
import Foundation

extension AsyncParsableCommand {
    /// Reads the command line, runs the command it names and ends the process: with exit code 2 for a command line that cannot be
    /// understood, as shells and scripts expect.
    package static func runProgram() async {
        let command: any ParsableCommand
        do {
            command = try parseAsRoot()
        } catch {
            end(error, fullMessage(for: error))
        }
        do {
            try await run(command)
        } catch {
            let error = HelpText(type(of: command)).naming(error)
            end(error, exitCode(for: error) == .validationFailure ? wrongUsage(error, of: command) : fullMessage(for: error))
        }
    }

    private static func run(_ command: any ParsableCommand) async throws {
        var command = command
        if var command = command as? any AsyncParsableCommand {
            try await command.run()
        } else {
            try command.run()
        }
    }

    /// What is found wrong with a command line once the command runs, with its own usage as its parser would show it.
    private static func wrongUsage(_ error: any Error, of command: any ParsableCommand) -> String {
        let usage = usageString(for: type(of: command))
        let name = usage.split(separator: " ").prefix { $0.first?.isLetter == true }.joined(separator: " ")
        return "Error: \(message(for: error))\nUsage: \(usage)\n  See '\(name) --help' for more information."
    }

    private static func end(_ error: any Error, _ message: String) -> Never {
        let code = exitCode(for: error)
        // Help that was asked for.
        if code.isSuccess {
            if !message.isEmpty { print(HelpText.ownOptionsFirst(message)) }
            Foundation.exit(code.rawValue)
        }
        if !message.isEmpty { FileHandle.standardError.write(Data(TextTable.visible(message + "\n").utf8)) }
        Foundation.exit(code == .validationFailure ? 2 : code.rawValue)
    }
}
