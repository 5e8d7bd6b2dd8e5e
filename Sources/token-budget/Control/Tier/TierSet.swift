import ArgumentParser
import BudgetClient
import Foundation

extension TierCommand {
    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Change one allowance of a tier, or the whole tier.",
            discussion: """
                With --allowance only the numbers given change; everything else of the policy stays as it is, comments included. \
                With --file the tier becomes what the file says, and is added if there is none of that name. What users have \
                used stays either way.

                \(ExitCodes.help)

                Examples:
                  token-budget tier set free --allowance daily-tokens --limit 60000 --reason "autumn"
                  token-budget tier set free --allowance daily-tokens --soft-limit 90% --overdraft none --dry-run
                  token-budget tier set free --file free.yaml
                """)

        @Argument(help: "The tier.")
        var tier: String

        @Option(help: ArgumentHelp("The allowance to change.", valueName: "name"))
        var allowance: String?

        @Option(parsing: .unconditional, help: ArgumentHelp("Its limit, in its unit; dollars for usd.", valueName: "number"))
        var limit: DecimalOption?

        @Option(help: ArgumentHelp("Where degrading starts, such as 80%; none takes it away.", valueName: "share"))
        var softLimit: ShareOption?

        @Option(help: ArgumentHelp("How far above the limit usage may go, such as 20%; none takes it away.", valueName: "share"))
        var overdraft: ShareOption?

        @Option(help: "The whole tier, YAML or JSON, as `tier show --json` prints it; - is standard input.")
        var file: String?

        @OptionGroup(title: "Change") var change: ChangeOptions
        @OptionGroup(title: "Service") var service: ControlOptions
        @OptionGroup(title: "Output") var output: OutputOptions

        func validate() throws {
            let namesNumbers = limit != nil || softLimit != nil || overdraft != nil
            switch (allowance, file) {
            case (nil, nil): throw ValidationError("Give --allowance with what to change of it, or --file.")
            case (_?, _?): throw ValidationError("Give --allowance or --file, not both.")
            case (nil, _?) where namesNumbers: throw ValidationError("--limit, --soft-limit and --overdraft need --allowance.")
            case (_?, nil) where !namesNumbers: throw ValidationError("Give --limit, --soft-limit or --overdraft.")
            default: break
            }
        }

        func run() async throws {
            let received = try await service.withClient { client in
                if let file {
                    let document = try DocumentFile.read(file)
                    return try await client.send(storing(TierFile.section(document)))
                }
                return try await edit(client)
            }
            output.show(received) { ChangeText.blocks($0, "policy") }
        }

        /// How often an edit is made again on top of somebody else's that came between reading and storing.
        private static let attempts = 5

        /// Reads the tier, changes the numbers, and stores it unless the policy has changed in between; then once more.
        func edit(_ client: ControlClient) async throws -> BudgetClient.Received<StoredReply> {
            let edit = TierEdit(
                allowance: allowance ?? "", limit: limit?.text, softLimit: softLimit.map(\.text), overdraft: overdraft.map(\.text))
            var left = Self.attempts
            while true {
                left -= 1
                let current = try await client.send(.tierSection(tier))
                let section = try edit.applied(to: current.body, of: tier)
                do {
                    return try await client.send(storing(section).onlyIf(current.etag))
                } catch let problem as BudgetProblem where problem.status == 412 && left > 0 {}
            }
        }

        func storing(_ section: Data) -> ControlRequest<StoredReply> {
            .store(tier: tier, section: section).because(change.reason).dryRun(change.dryRun)
        }
    }
}
