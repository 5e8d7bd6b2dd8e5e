import ArgumentParser
import BudgetClient
import CommandSupport
import Foundation

extension PolicyCommand {
    struct Apply: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Store a file as the new version of the policy.",
            discussion: """
                Prints what changes and what that means. A policy with a mistake changes nothing; its line is named. With \
                --if-match nothing is stored unless that version is still the current one.

                \(ExitCodes.help)

                Examples:
                  token-budget policy apply policy.yaml --dry-run
                  token-budget policy apply policy.yaml --reason "more for free users"
                  token-budget policy apply policy.yaml --if-match "$(token-budget policy show --etag)"
                """)

        @Argument(help: "The policy, YAML or JSON; - is standard input.")
        var file: String

        @OptionGroup var replaced: ReplacedOptions

        @OptionGroup(title: "Change") var change: ChangeOptions
        @OptionGroup(title: "Service") var service: ControlOptions
        @OptionGroup(title: "Output") var output: OutputOptions

        func request(_ document: DocumentFile) -> ControlRequest<StoredReply> {
            .store(policy: document.bytes, as: document.form).because(change.reason).dryRun(change.dryRun).onlyIf(replaced.ifMatch)
        }

        func run() async throws {
            let document = try DocumentFile.read(file)
            let received = try await document.locating { try await service.withClient { try await $0.send(request(document)) } }
            output.show(received) { ChangeText.blocks($0, "policy") }
        }
    }

    struct Diff: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say what a file would change, without storing it.",
            discussion: """
                Exit code: 0 no difference, 1 differences, 2 trouble.

                Example:
                  token-budget policy diff policy.yaml
                """)

        /// As diff(1) has it.
        private static let differences = ExitCode(1)
        private static let trouble = ExitCode(2)

        @Argument(help: "The policy, YAML or JSON; - is standard input.")
        var file: String

        @OptionGroup(title: "Service") var service: ControlOptions
        @OptionGroup(title: "Output") var output: OutputOptions

        func run() async throws {
            guard try await stored().changes.isEmpty else { throw Self.differences }
        }

        private func stored() async throws -> StoredReply {
            do {
                let document = try DocumentFile.read(file)
                let request = ControlRequest.store(policy: document.bytes, as: document.form).dryRun(true)
                let received = try await document.locating { try await service.withClient { try await $0.send(request) } }
                output.show(received) { [$0.changes.isEmpty ? "no difference" : ChangeText.text($0.changes), ChangeText.notes($0)] }
                return received.value
            } catch {
                FileHandle.standardError.write(Data(TextTable.visible("Error: \(error)\n").utf8))
                throw Self.trouble
            }
        }
    }
}
