import ArgumentParser
import BudgetClient
import Foundation

extension UserCommand {
    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give a user a tier or limits of their own.",
            discussion: """
                What is not named stays. A user's own limit replaces the tier's; with --no-limit the tier's holds again, also \
                when it changes later.

                \(ExitCodes.help)

                Examples:
                  token-budget user set u_42 --tier pro --reason "upgraded"
                  token-budget user set u_42 --limit daily-tokens=80000 --limit monthly-usd=12.50
                  token-budget user set u_42 --no-tier --no-limit daily-tokens
                """)

        @Argument(help: "The user.")
        var user: String

        @Option(help: "The user's tier, whatever the application says.")
        var tier: String?

        @Flag(help: "Take the assigned tier back: the application's, else the default, holds.")
        var noTier = false

        @Option(help: ArgumentHelp("An own limit, in the allowance's unit; may be given several times.", valueName: "allowance=number"))
        var limit: [LimitOption] = []

        @Option(help: ArgumentHelp("Take an own limit back; may be given several times.", valueName: "allowance"))
        var noLimit: [String] = []

        @OptionGroup(title: "Change") var change: UserChangeOptions
        @OptionGroup(title: "Service") var service: ControlOptions
        @OptionGroup(title: "Output") var output: OutputOptions

        func validate() throws {
            if tier != nil, noTier { throw ValidationError("Give --tier or --no-tier, not both.") }
            if tier == nil, !noTier, limit.isEmpty, noLimit.isEmpty {
                throw ValidationError("Give --tier, --no-tier, --limit or --no-limit.")
            }
            let names = limit.map(\.allowance) + noLimit
            guard Swift.Set(names).count == names.count else { throw ValidationError("An allowance is named twice.") }
        }

        var request: ControlRequest<UserStateReply> {
            get throws {
                var body = AssignmentBody()
                body.tier = noTier ? .cleared : tier.map { .to($0) }
                var limits: [String: AssignmentBody.Setting<Decimal>] = [:]
                for own in limit { limits[own.allowance] = .to(own.limit.value) }
                for name in noLimit { limits[name] = .cleared }
                body.limits = limits.isEmpty ? nil : limits
                body.reason = change.reason
                return try .assign(user, body)
            }
        }

        func run() async throws { try await UserCommand.assign(user, request, change, service, output) }
    }

    struct Freeze: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Reject every further request of a user.",
            discussion: """
                Calls under way are told to stop at their next checkpoint. What they used is still booked.

                \(ExitCodes.help)

                Example:
                  token-budget user freeze u_42 --reason "runaway script"
                """)

        @OptionGroup var asked: FreezeOptions

        var request: ControlRequest<UserStateReply> { get throws { try asked.request(frozen: true) } }

        func run() async throws { try await asked.send(request) }
    }

    struct Unfreeze: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let a frozen user make requests again.",
            discussion: """
                \(ExitCodes.help)

                Example:
                  token-budget user unfreeze u_42 --reason "script mended"
                """)

        @OptionGroup var asked: FreezeOptions

        var request: ControlRequest<UserStateReply> { get throws { try asked.request(frozen: false) } }

        func run() async throws { try await asked.send(request) }
    }

    /// What both `freeze` and `unfreeze` take.
    struct FreezeOptions: ParsableArguments {
        @Argument(help: "The user.")
        var user: String

        @OptionGroup(title: "Change") var change: UserChangeOptions
        @OptionGroup(title: "Service") var service: ControlOptions
        @OptionGroup(title: "Output") var output: OutputOptions

        func request(frozen: Bool) throws -> ControlRequest<UserStateReply> {
            var body = AssignmentBody()
            body.frozen = frozen
            body.reason = change.reason
            return try .assign(user, body)
        }

        func send(_ request: ControlRequest<UserStateReply>) async throws {
            try await UserCommand.assign(user, request, change, service, output)
        }
    }

    /// Changes what is assigned to a user, and shows before and after.
    static func assign(
        _ user: String, _ request: ControlRequest<UserStateReply>, _ change: UserChangeOptions, _ service: ControlOptions,
        _ output: OutputOptions
    ) async throws {
        if change.dryRun { return change.show(unsent: request) }
        try await service.withClient { client in
            let before = output.json ? nil : try await client.send(.user(user)).value
            output.show(try await client.send(request)) { after in
                before.map { UserText.blocks($0, after) } ?? UserText.blocks(after)
            }
        }
    }
}
