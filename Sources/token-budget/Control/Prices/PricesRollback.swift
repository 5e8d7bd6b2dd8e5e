import ArgumentParser
import BudgetClient
import CommandSupport

extension PricesCommand {
    struct Rollback: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make an older version of the price document count again.",
            discussion: """
                It becomes a new version, so that nothing is lost and this, too, can be rolled back. With --effective-from it also \
                brings back a scheduled version that another one has cancelled.

                \(ExitCodes.help)

                Examples:
                  token-budget prices rollback 12 --dry-run
                  token-budget prices rollback 12 --effective-from 2026-12-01 --reason "December prices after all"
                """)

        @Argument(help: "The version, from `prices history`.")
        var version: Int

        @OptionGroup var replaced: ReplacedOptions

        @OptionGroup var effective: EffectiveOptions
        @OptionGroup(title: "Change") var change: ChangeOptions
        @OptionGroup(title: "Service") var service: ControlOptions
        @OptionGroup(title: "Output") var output: OutputOptions

        var request: ControlRequest<StoredReply> {
            get throws {
                try .rollBack(pricesTo: version, effectiveFrom: effective.effectiveFrom?.text(), reason: change.reason)
                    .dryRun(change.dryRun).onlyIf(replaced.ifMatch)
            }
        }

        func run() async throws {
            try await service.show(request, output, text: PricesCommand.stored)
        }
    }
}
