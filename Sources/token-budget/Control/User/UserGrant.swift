import ArgumentParser
import BudgetClient
import CommandSupport
import Foundation

extension UserCommand {
    struct Grant: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Top a user up: extra allowance for a time.",
            discussion: """
                Raises the limit in every window that begins before --expires; without it only in the present window. Where no \
                window ends (refill, in_flight, lifetime) --expires is required. With --grant-id the command is safe to repeat: \
                it adds once.

                \(ExitCodes.help)

                Examples:
                  token-budget user grant u_42 --allowance daily-tokens --amount 20000 --reason "ticket 4711"
                  token-budget user grant u_42 --allowance monthly-usd --amount 5 --expires 2026-12-01 --grant-id ticket-4711
                  token-budget user grant u_42 --allowance chat-daily --amount 5000 --dimension feature=chat --expires 24h
                """)

        @Argument(help: "The user.")
        var user: String

        @Option(help: ArgumentHelp("The allowance.", valueName: "name"))
        var allowance: String

        @Option(
            parsing: .unconditional, help: ArgumentHelp("How much more, in the allowance's unit; dollars for usd.", valueName: "number")
        )
        var amount: DecimalOption

        @Option(
            help: ArgumentHelp(
                "Until when: 2026-12-01, 2026-12-01T09:00:00Z or 24h. (default: the present window's end)", valueName: "time"))
        var expires: TimeOption?

        @Option(help: ArgumentHelp("A name for this grant: given twice, it is granted once.", valueName: "id"))
        var grantID: String?

        @Option(
            help: ArgumentHelp("Only for this value, where the allowance is counted per more than the user.", valueName: "name=value"))
        var dimension: [DimensionOption] = []

        @OptionGroup(title: "Change") var change: UserChangeOptions
        @OptionGroup(title: "Service") var service: ControlOptions
        @OptionGroup(title: "Output") var output: OutputOptions

        func validate() throws {
            guard amount.value > 0 else { throw ValidationError("--amount takes more than 0.") }
            if grantID != nil, expires?.isFixed == false {
                throw ValidationError("With --grant-id give --expires as a time: a duration would be another one when repeated.")
            }
        }

        var request: ControlRequest<GrantReply> {
            get throws {
                var body = GrantBody(allowance, amount.value)
                body.expiresAt = expires?.text()
                body.grantID = grantID
                body.dimensions = try DimensionOption.dictionary(dimension)
                body.reason = change.reason
                return try .grant(user, body)
            }
        }

        func run() async throws {
            let request = try self.request
            if change.dryRun { return change.show(unsent: request) }
            try await service.show(request, output) { Self.text($0, user) }
        }

        static func text(_ grant: GrantReply, _ user: String) -> [String] {
            let allowances = grant.allowances ?? []
            let unit = grant.unit ?? UserText.units(allowances)[grant.allowance]
            let amount = TextTable.quantity(grant.amount, unit)
            let facts = TextTable(naming: [
                ("user", user),
                ("top-up", "\(grant.allowance) +\(amount)"),
                ("expires", grant.expiresAt.map(TextTable.time)),
                ("grant", grant.grantID),
                ("note", grant.replayed == true ? "had been granted before: nothing was added" : nil),
            ])
            return [facts.text, allowances.isEmpty ? "" : TextTable(allowances).text]
        }
    }
}
