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

        @Option(help: ArgumentHelp("The version it is meant to replace, from `prices show --etag`.", valueName: "etag"))
        var ifMatch: String?

        @OptionGroup var effective: EffectiveOptions
        @OptionGroup(title: "Change") var change: ChangeOptions
        @OptionGroup(title: "Service") var service: ControlOptions
        @OptionGroup(title: "Output") var output: OutputOptions

        func request(_ document: DocumentFile) -> ControlRequest<StoredReply> {
            .store(prices: document.bytes, as: document.form, effectiveFrom: effective.effectiveFrom?.text())
                .because(change.reason).dryRun(change.dryRun).onlyIf(ifMatch)
        }

        func run() async throws {
            let document = try DocumentFile.read(file)
            let received = try await document.locating { try await service.withClient { try await $0.send(request(document)) } }
            output.show(received) { ChangeText.blocks($0, "price") }
        }
    }

    struct Import: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take the prices of LiteLLM's catalogue file.",
            discussion: """
                The file is `model_prices_and_context_window.json`. Models that are not priced per token are left out; how many, \
                and why, is told. A model without a price is never free.

                \(ExitCodes.help)

                Examples:
                  token-budget prices import model_prices_and_context_window.json --dry-run
                  token-budget prices import model_prices_and_context_window.json --effective-from 2026-12-01
                """)

        @Argument(help: "The catalogue, JSON; - is standard input.")
        var file: String

        @OptionGroup var effective: EffectiveOptions
        @OptionGroup(title: "Change") var change: ChangeOptions
        @OptionGroup(title: "Service") var service: ControlOptions
        @OptionGroup(title: "Output") var output: OutputOptions

        func request(_ catalogue: DocumentFile) -> ControlRequest<ImportReply> {
            .importPrices(catalogue.bytes, effectiveFrom: effective.effectiveFrom?.text())
                .because(change.reason).dryRun(change.dryRun)
        }

        func run() async throws {
            let catalogue = try DocumentFile.read(file)
            let size = TextTable.grouped(Int64(catalogue.bytes.count))
            let received = try await Progress.during("importing \(catalogue.name), \(size) bytes") {
                try await catalogue.locating { try await service.withClient { try await $0.send(request(catalogue)) } }
            }
            output.show(received, text: Self.text)
        }

        static func text(_ reply: ImportReply) -> [String] {
            let stored = reply.version.map { "price version \($0)" } ?? "prices stored"
            var skipped = TextTable(columns: [("LEFT OUT", .right), ("WHY", .left), ("SUCH AS", .left)])
            for group in reply.skipped ?? [] {
                skipped.add([
                    TextTable.grouped(group.count), group.reason, TextTable.orBlank(group.examples?.prefix(3).joined(separator: ", ")),
                ])
            }
            let notes = (reply.notes ?? []).map { note in
                TextTable.onOneLine("note: \(note.text)" + (note.count.map { " (\(TextTable.grouped($0)))" } ?? ""))
            }
            return [
                reply.dryRun == true ? "dry run: nothing was stored" : stored,
                TextTable(naming: [
                    ("from", reply.effectiveFrom.map(TextTable.time)),
                    ("models taken", TextTable.grouped(reply.taken)),
                    ("new", reply.added.map { TextTable.grouped($0) }),
                    ("changed", reply.changed.map { TextTable.grouped($0) }),
                    ("gone", reply.removed.map { TextTable.grouped($0) }),
                ]).text,
                reply.skipped?.isEmpty == false ? skipped.withoutBlankColumns.text : "",
                notes.joined(separator: "\n"),
            ]
        }
    }
}
