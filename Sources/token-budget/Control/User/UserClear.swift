import ArgumentParser
import BudgetClient
import CommandSupport

extension UserCommand {
    struct Reset: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Set what a user has used of an allowance to zero.",
            discussion: """
                What open calls hold stays held.

                \(ExitCodes.help)

                Examples:
                  token-budget user reset u_42 --allowance daily-tokens --reason "our bug"
                  token-budget user reset u_42 --allowance chat-daily --dimension feature=chat --yes
                """)

        @Argument(help: "The user.")
        var user: String

        @Option(help: ArgumentHelp("The allowance.", valueName: "name"))
        var allowance: String

        @Option(help: ArgumentHelp("Only the counter of this value.", valueName: "name=value"))
        var dimension: [DimensionOption] = []

        @OptionGroup(title: "Change") var change: UserChangeOptions
        @OptionGroup var confirmation: Confirmation
        @OptionGroup(title: "Service") var service: ControlOptions
        @OptionGroup(title: "Output") var output: OutputOptions

        var request: ControlRequest<ResetReply> {
            get throws {
                var body = ResetBody(allowance)
                body.dimensions = try DimensionOption.dictionary(dimension)
                body.reason = change.reason
                return try .reset(user, body)
            }
        }

        func run() async throws {
            let request = try self.request
            if change.dryRun { return change.show(unsent: request) }
            try confirmation.require("Set what \(user) has used of \(allowance) to zero?")
            try await service.show(request, output, text: Self.text)
        }

        static func text(_ reply: ResetReply) -> [String] {
            guard !reply.reset.isEmpty else { return [TextTable.onOneLine("\(reply.user) had used nothing of it.")] }
            let lines = reply.reset.map { counter in
                let name = TextTable.named(counter.name, counter.dimensions)
                return TextTable.onOneLine("\(reply.user): \(name) used \(TextTable.quantity(counter.usedBefore, counter.unit)) -> 0")
            }
            return [lines.joined(separator: "\n"), reply.allowances.map(UserText.allowances) ?? ""]
        }
    }

    struct Unassign: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take back a user's tier, freeze, own limits and top-ups.",
            discussion: """
                What was used stays: the user goes on under the tier the application names.

                \(ExitCodes.help)

                Example:
                  token-budget user unassign u_42 --yes
                """)

        @Argument(help: "The user.")
        var user: String

        @OptionGroup(title: "Change") var change: UserChangeOptions
        @OptionGroup var confirmation: Confirmation
        @OptionGroup(title: "Service") var service: ControlOptions
        @OptionGroup(title: "Output") var output: OutputOptions

        var request: ControlRequest<UserStateReply> { .unassign(user).because(change.reason) }

        func run() async throws {
            if !change.dryRun { try confirmation.require("Take back tier, freeze, limits and top-ups of \(user)?") }
            try await UserCommand.assign(user, request, change, service, output)
        }
    }

    struct Erase: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Remove every trace of a user.",
            discussion: """
                Counters, reservations and assignments go, and what the user's open calls hold of shared allowances is given \
                back. Reports keep amounts under a pseudonym.

                \(ExitCodes.help)

                Example:
                  token-budget user erase u_42 --yes --reason "request of 20 November"
                """)

        @Argument(help: "The user.")
        var user: String

        @OptionGroup(title: "Change") var change: UserChangeOptions
        @OptionGroup var confirmation: Confirmation
        @OptionGroup(title: "Service") var service: ControlOptions
        @OptionGroup(title: "Output") var output: OutputOptions

        var request: ControlRequest<EraseReply> { get throws { try .erase(user, reason: change.reason) } }

        func run() async throws {
            let request = try self.request
            if change.dryRun { return change.show(unsent: request) }
            try confirmation.require("Remove every trace of \(user)?")
            try await service.show(request, output, text: Self.text)
        }

        static func text(_ reply: EraseReply) -> [String] {
            let counts = [
                ("counter", reply.erased.counters), ("reservation", reply.erased.reservations), ("hold", reply.erased.holds),
            ].compactMap { name, count in count.map { "\(Words.grouped($0)) \(name)\($0 == 1 ? "" : "s")" } }
            return [TextTable.onOneLine("\(reply.user): erased " + (counts.isEmpty ? "every trace" : counts.joined(separator: ", ")))]
        }
    }
}
