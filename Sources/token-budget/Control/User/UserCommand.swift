import ArgumentParser
import BudgetClient

struct UserCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "user",
        abstract: "Show users, top them up, freeze them, and more.",
        discussion: """
            A change holds from the user's next decision on. `token-budget user u_42` is short for `user show u_42`.

            Examples:
              token-budget user u_42
              token-budget user grant u_42 --allowance daily-tokens --amount 20000 --reason "ticket 4711"
              token-budget user freeze u_42 --reason "runaway script"
            """,
        subcommands: [
            Show.self, List.self, Set.self, Grant.self, Freeze.self, Unfreeze.self, Reset.self, Unassign.self, Erase.self,
        ],
        defaultSubcommand: Show.self)

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show what a user may use, has used, holds and has left.",
            discussion: """
                A user the service has never seen is shown with the default tier's allowances, unused.

                \(ExitCodes.help)

                Examples:
                  token-budget user show u_42
                  token-budget user show u_42 --json --server https://budget.internal:8081
                """)

        @Argument(help: "The user.")
        var user: String

        @OptionGroup(title: "Service") var service: ControlOptions
        @OptionGroup(title: "Output") var output: OutputOptions

        func run() async throws { try await service.show(.user(user), output, text: UserText.blocks) }
    }
}
