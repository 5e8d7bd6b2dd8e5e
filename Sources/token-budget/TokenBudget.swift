import ArgumentParser

@main
struct TokenBudget: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token-budget",
        abstract: "Per-user token budgets for LLM applications, decided atomically in Redis.",
        discussion: """
            Start the service with a policy, then ask it from anywhere:

              token-budget serve --policy policy.yaml
              token-budget reserve u_42 --model gpt-4o --input-tokens 1500 --max-output-tokens 500
              token-budget user u_42
            """,
        subcommands: [
            ServeCommand.self, PolicyCommand.self,
        ])
}
