import ArgumentParser
import BudgetClient

struct UserCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "user",
        abstract: "Show what a user has used, holds and has left.",
        discussion: """
            A user the service has never seen is shown with the default tier's allowances, unused.

            Examples:
              token-budget user u_42
              token-budget user u_42 --json --server https://budget.internal:8080
            """)

    @Argument(help: "The user.")
    var user: String

    @OptionGroup(title: "Service") var service: ServerOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func run() async throws {
        output.show(try await service.withClient { try await $0.userReceived(user) }, text: Self.text)
    }

    private static func text(_ reply: UserReply) -> [String] {
        let facts = TextTable(naming: [
            ("user", reply.user), ("tier", reply.tier ?? "-"), ("frozen", reply.frozen ? "yes: every request is rejected" : nil),
        ])
        return [facts.text, reply.allowances.isEmpty ? "No allowance of their own." : TextTable(reply.allowances).text]
    }
}
