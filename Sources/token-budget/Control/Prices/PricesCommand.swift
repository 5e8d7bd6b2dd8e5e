import ArgumentParser
import BudgetClient
import CommandSupport

struct PricesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prices",
        abstract: "Show, set and import what models cost.",
        discussion: """
            Prices are a document of its own beside the policy, with versions that come into force at a time of your choice. \
            What the policy's own `prices` name wins. Figures are USD per million tokens.

            Examples:
              token-budget prices show gpt-4o
              token-budget prices import model_prices_and_context_window.json --dry-run
            """,
        subcommands: [Show.self, Set.self, Import.self, History.self, Rollback.self])

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show prices, now or at a time, or a version of the price document.",
            discussion: """
                A version is printed as ops wrote it, unless --json asks for the service's JSON, which also says who stored it and why.

                \(ExitCodes.help)

                Examples:
                  token-budget prices show
                  token-budget prices show gpt-4o --at 2026-12-01
                  token-budget prices show --version 12 > prices.yaml
                """)

        @Argument(help: "Only this model; aliases and dated names are understood.")
        var model: String?

        @Option(help: ArgumentHelp("Prices in force then: 2026-12-01 or 2026-12-01T09:00:00Z. (default: now)", valueName: "time"))
        var at: TimeOption?

        @Option(help: ArgumentHelp("A version of the price document, from `prices history`.", valueName: "number"))
        var version: Int?

        @Flag(help: "Print only the entity tag of the price document in force, for `prices set --if-match`.")
        var etag = false

        @OptionGroup(title: "Service") var service: ControlOptions
        @OptionGroup(title: "Output") var output: OutputOptions

        func validate() throws {
            if etag, model != nil || at != nil || version != nil || output.json { throw ValidationError("--etag stands alone.") }
            if version != nil, model != nil || at != nil {
                throw ValidationError("--version prints a whole document: it goes with no model and no --at.")
            }
        }

        var request: ControlRequest<PricesReply> { .prices(of: model, at: at?.text()) }

        func run() async throws {
            if let version {
                let request = ControlRequest.prices(version: version, as: output.json ? .json : .yaml)
                return output.show(document: try await service.withClient { try await $0.send(request) })
            }
            guard !etag else { return output.show(etag: try await service.withClient { try await $0.send(request) }.etag) }
            try await service.show(request, output) { model == nil ? PriceText.list($0) : PriceText.details($0) }
        }
    }

    struct History: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the versions of the price document, newest first.",
            discussion: """
                \(ExitCodes.help)

                Example:
                  token-budget prices history
                """)

        @Option(parsing: .unconditional, help: "Most versions to list.")
        var limit = 50

        @OptionGroup(title: "Service") var service: ControlOptions
        @OptionGroup(title: "Output") var output: OutputOptions

        func validate() throws {
            guard limit > 0 else { throw ValidationError("--limit takes 1 or more.") }
        }

        func run() async throws {
            try await service.show(.priceHistory(limit: limit), output) { reply in
                [reply.versions.isEmpty ? "No version is stored: all prices are the policy's." : TextTable(reply.versions).text]
            }
        }
    }
}
