import ArgumentParser
import BudgetClient

extension PolicyCommand {
    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the policy, or one of its versions.",
            discussion: """
                As ops wrote it, comments and all, unless --json asks for the service's JSON. An older version's JSON has the \
                policy inside, beside who stored it and why.

                \(ExitCodes.help)

                Examples:
                  token-budget policy show > policy.yaml
                  token-budget policy show --version 12
                  token-budget policy apply policy.yaml --if-match "$(token-budget policy show --etag)"
                """)

        @Flag(help: "As ops wrote it. This is the default.")
        var yaml = false

        @Option(help: ArgumentHelp("An older version, from `policy history`.", valueName: "number"))
        var version: Int?

        @Flag(help: "Print only the entity tag of the current version, for `policy apply --if-match`.")
        var etag = false

        @OptionGroup(title: "Service") var service: ControlOptions
        @OptionGroup(title: "Output") var output: OutputOptions

        func validate() throws {
            if yaml, output.json { throw ValidationError("Give --yaml or --json, not both.") }
            if etag, yaml || output.json || version != nil { throw ValidationError("--etag stands alone.") }
        }

        var request: ControlRequest<DocumentReply> {
            let form = output.json ? MediaType.json : .yaml
            return version.map { .policy(version: $0, as: form) } ?? .policy(as: form)
        }

        func run() async throws {
            let received = try await service.withClient { try await $0.send(request) }
            if etag {
                output.show(etag: received.etag)
            } else {
                output.show(document: received)
            }
        }
    }
}
