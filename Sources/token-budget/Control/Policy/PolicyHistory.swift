import ArgumentParser
import BudgetClient
import CommandSupport

extension PolicyCommand {
    struct History: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the versions of the policy, newest first.",
            discussion: """
                \(ExitCodes.help)

                Examples:
                  token-budget policy history
                  token-budget policy history --limit 10 --before 40
                """)

        @Option(parsing: .unconditional, help: "Most versions to list.")
        var limit = 50

        @Option(help: ArgumentHelp("Only versions older than this one.", valueName: "number"))
        var before: Int?

        @OptionGroup(title: "Service") var service: ControlOptions
        @OptionGroup(title: "Output") var output: OutputOptions

        func validate() throws {
            guard limit > 0 else { throw ValidationError("--limit takes 1 or more.") }
        }

        func run() async throws {
            try await service.show(.policyHistory(limit: limit, before: before), output) { reply in
                [reply.versions.isEmpty ? "No version is stored." : TextTable(reply.versions).text]
            }
        }
    }

    struct Rollback: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make an older version of the policy the current one again.",
            discussion: """
                It becomes a new version, so that nothing is lost and this, too, can be rolled back.

                \(ExitCodes.help)

                Examples:
                  token-budget policy rollback 12 --dry-run
                  token-budget policy rollback 12 --reason "limits were too high"
                """)

        @Argument(help: "The version, from `policy history`.")
        var version: Int

        @OptionGroup var replaced: ReplacedOptions

        @OptionGroup(title: "Change") var change: ChangeOptions
        @OptionGroup(title: "Service") var service: ControlOptions
        @OptionGroup(title: "Output") var output: OutputOptions

        var request: ControlRequest<StoredReply> {
            get throws { try .rollBack(to: version, reason: change.reason).dryRun(change.dryRun).onlyIf(replaced.ifMatch) }
        }

        func run() async throws {
            try await service.show(request, output) { ChangeText.blocks($0, "policy") }
        }
    }
}
