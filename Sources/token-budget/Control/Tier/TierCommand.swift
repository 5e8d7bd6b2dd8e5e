import ArgumentParser
import BudgetClient
import CommandSupport
import Foundation

struct TierCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tier",
        abstract: "Show and change tiers and their allowances.",
        discussion: """
            A change is a new version of the policy: it holds within a second on every node, keeps what users have used, and \
            `policy rollback` takes it back. Allowances that count for every tier stand at the policy's top: see `policy apply`.

            Examples:
              token-budget tier list
              token-budget tier set free --allowance daily-tokens --limit 60000 --reason "autumn"
            """,
        subcommands: [List.self, Show.self, Set.self, Delete.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the tiers.",
            discussion: """
                \(ExitCodes.help)

                Example:
                  token-budget tier list
                """)

        @OptionGroup(title: "Service") var service: ControlOptions
        @OptionGroup(title: "Output") var output: OutputOptions

        func run() async throws { try await service.show(.tiers, output, text: Self.text) }

        static func text(_ reply: TiersReply) -> [String] {
            guard !reply.tiers.isEmpty else { return ["The policy has no tier."] }
            var table = TextTable(columns: [("TIER", .left), ("NOTE", .left), ("ALLOWANCES", .left), ("LADDER", .left)])
            for tier in reply.tiers {
                table.add([
                    tier.name ?? TextTable.blank, tier.isDefault == true ? "default" : TextTable.blank,
                    TextTable.orBlank(tier.allowances?.map(\.name).joined(separator: ", ")), TierText.ladder(tier) ?? TextTable.blank,
                ])
            }
            return [table.withoutBlankColumns.text]
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show a tier.",
            discussion: """
                With --json it is the tier's section of the policy, which `tier set --file` takes back.

                \(ExitCodes.help)

                Examples:
                  token-budget tier show free
                  token-budget tier show free --json > free.json
                """)

        @Argument(help: "The tier.")
        var tier: String

        @OptionGroup(title: "Service") var service: ControlOptions
        @OptionGroup(title: "Output") var output: OutputOptions

        func run() async throws {
            try await service.show(.tier(tier), output) { TierText.blocks($0, named: tier) }
        }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take a tier out of the policy.",
            discussion: """
                Users assigned to it are refused (422 unknown_tier) until they are given another one. The default tier stays.

                \(ExitCodes.help)

                Examples:
                  token-budget tier delete trial --dry-run
                  token-budget tier delete trial --yes --reason "nobody is left in it"
                """)

        @Argument(help: "The tier.")
        var tier: String

        @OptionGroup(title: "Change") var change: ChangeOptions
        @OptionGroup var confirmation: Confirmation
        @OptionGroup(title: "Service") var service: ControlOptions
        @OptionGroup(title: "Output") var output: OutputOptions

        var request: ControlRequest<StoredReply> { .delete(tier: tier).because(change.reason).dryRun(change.dryRun) }

        func run() async throws {
            if !change.dryRun { try confirmation.require("Delete the tier \(tier)?") }
            try await service.show(request, output) { ChangeText.blocks($0, "policy") }
        }
    }
}
