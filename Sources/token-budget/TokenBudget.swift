import ArgumentParser
import Foundation

@main
struct TokenBudget: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token-budget",
        abstract: "Per-user token budgets for LLM applications, decided atomically in Redis.",
        discussion: """
            Start the service with a policy, then ask it from anywhere; ops change what it allows while it runs:

              token-budget serve --policy policy.yaml
              token-budget reserve u_42 --model gpt-4o --input-tokens 1500 --max-output-tokens 500
              token-budget tier set free --allowance daily-tokens --limit 60000
              token-budget user grant u_42 --allowance daily-tokens --amount 20000

            `token-budget --generate-completion-script bash` (or zsh, fish) prints completions for a shell.
            """,
        subcommands: [
            ServeCommand.self, PolicyCommand.self, TierCommand.self, UserCommand.self, AllowancesCommand.self,
            ReservationsCommand.self, UsageCommand.self, StatementCommand.self, MarginsCommand.self, ForecastCommand.self,
            InsightsCommand.self, AuditCommand.self, PricesCommand.self, KeysCommand.self, ReserveCommand.self, CommitCommand.self,
            ReplayCommand.self,
        ])

    static func main() async {
        let command: any ParsableCommand
        do {
            command = try parseAsRoot()
        } catch {
            end(error, fullMessage(for: error))
        }
        do {
            try await run(command)
        } catch {
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
    static func wrongUsage(_ error: any Error, of command: any ParsableCommand) -> String {
        let usage = usageString(for: type(of: command))
        let name = usage.split(separator: " ").prefix { $0.first?.isLetter == true }.joined(separator: " ")
        return "Error: \(message(for: error))\nUsage: \(usage)\n  See '\(name) --help' for more information."
    }

    /// Exit code 2 for a command line that cannot be understood, as shells and scripts expect.
    private static func end(_ error: any Error, _ message: String) -> Never {
        let code = exitCode(for: error)
        // Help that was asked for.
        if code.isSuccess { exit(withError: error) }
        if !message.isEmpty { FileHandle.standardError.write(Data(TextTable.visible(message + "\n").utf8)) }
        Foundation.exit(code == .validationFailure ? 2 : code.rawValue)
    }
}
