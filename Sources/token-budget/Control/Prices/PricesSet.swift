import ArgumentParser
import BudgetClient

/// From when on new prices hold.
struct EffectiveOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("When they come into force: 2026-12-01, 2026-12-01T09:00:00Z or 24h. (default: now)", valueName: "time"))
    var effectiveFrom: TimeOption?
}

extension PricesCommand {
    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Store a file as the new version of the price document.",
            discussion: """
                The file has the policy's sections `prices`, `aliases` and `discounts`. What was reserved before keeps its rates.

                \(ExitCodes.help)

                Examples:
                  token-budget prices set prices.yaml --dry-run
                  token-budget prices set prices.yaml --if-match "$(token-budget prices show --etag)"
                  token-budget prices set prices.yaml --effective-from 2026-12-01 --reason "December prices"
                """)

        @Argument(help: "The prices, YAML or JSON; - is standard input.")
        var file: String

        @OptionGroup var replaced: ReplacedOptions

        @OptionGroup var effective: EffectiveOptions
        @OptionGroup(title: "Change") var change: ChangeOptions
        @OptionGroup(title: "Service") var service: ControlOptions
        @OptionGroup(title: "Output") var output: OutputOptions

        func request(_ document: DocumentFile) -> ControlRequest<StoredReply> {
            .store(prices: document.bytes, as: document.form, effectiveFrom: effective.effectiveFrom?.text())
                .because(change.reason).dryRun(change.dryRun).onlyIf(replaced.ifMatch)
        }

        func run() async throws {
            let document = try DocumentFile.read(file)
            let received = try await document.locating { try await service.withClient { try await $0.send(request(document)) } }
            output.show(received, text: PricesCommand.stored)
        }
    }
}
