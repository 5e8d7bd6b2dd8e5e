import ArgumentParser
import CommandSupport

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
        version: Version.current,
        subcommands: [
            ServeCommand.self, PolicyCommand.self, TierCommand.self, UserCommand.self, AllowancesCommand.self,
            ReservationsCommand.self, UsageCommand.self, StatementCommand.self, MarginsCommand.self, ForecastCommand.self,
            InsightsCommand.self, AuditCommand.self, PricesCommand.self, KeysCommand.self, ReserveCommand.self, CommitCommand.self,
            ReplayCommand.self,
        ])

    static func main() async { await runProgram() }
}
