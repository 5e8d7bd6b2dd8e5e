import ArgumentParser
import BudgetClient
import CommandSupport

extension UserCommand {
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List or search users the service has seen.",
            discussion: """
                In no particular order. With --json every page of the service's answer is printed, one after the other.

                \(ExitCodes.help)

                Examples:
                  token-budget user list --search acme- --limit 20
                  token-budget user list --json | jq -r '.users[].user'
                """)

        @Option(help: ArgumentHelp("Only users whose id contains this; case matters.", valueName: "text"))
        var search: String?

        @Option(parsing: .unconditional, help: "Most users to list.")
        var limit = 100

        @OptionGroup(title: "Service") var service: ControlOptions
        @OptionGroup(title: "Output") var output: OutputOptions

        /// Most users asked for at a time.
        private static let page = 100

        func validate() throws {
            guard limit > 0 else { throw ValidationError("--limit takes 1 or more.") }
        }

        func run() async throws {
            let (users, isAll) = try await service.withClient { client in
                // Pages printed as they come are progress enough.
                if output.json {
                    return try await Self.users(client, search, limit) { print(JSONLayout.indented($0.body)) }
                }
                return try await Progress.during("looking for users") { try await Self.users(client, search, limit) { _ in } }
            }
            if !output.json { print(Self.text(users, isAll: isAll)) }
            if users.isEmpty { throw ExitCode.failure }
        }

        /// Follows the pages until there are enough users or no more. A page may be empty and yet not the last.
        static func users(
            _ client: ControlClient, _ search: String?, _ limit: Int, seen: (BudgetClient.Received<UsersReply>) -> Void
        ) async throws -> (users: [UsersReply.User], isAll: Bool) {
            var users: [UsersReply.User] = []
            var cursor: String?
            repeat {
                let size = min(page, limit - users.count)
                let received = try await client.send(.users(search: search, limit: size, cursor: cursor))
                seen(received)
                users += received.value.users
                cursor = received.value.nextCursor
            } while cursor != nil && users.count < limit
            return (users, cursor == nil)
        }

        static func text(_ users: [UsersReply.User], isAll: Bool) -> String {
            guard !users.isEmpty else { return "No user found." }
            var table = TextTable(columns: [("USER", .left), ("TIER", .left), ("NOTE", .left)])
            for user in users {
                table.add([user.user, TextTable.orBlank(user.tier), user.frozen == true ? "frozen" : TextTable.blank])
            }
            return table.withoutBlankColumns.text + (isAll ? "" : "\n\nThere are more: give a larger --limit.")
        }
    }
}
