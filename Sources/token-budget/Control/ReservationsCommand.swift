import ArgumentParser
import BudgetClient
import CommandSupport

struct ReservationsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reservations",
        abstract: "Show what a user's calls hold, and how they ended.",
        discussion: """
            What is held counts against the user's allowances until it is committed, released or expires.

            \(ExitCodes.help)

            Examples:
              token-budget reservations u_42
              token-budget reservations u_42 --json
            """)

    @Argument(help: "The user.")
    var user: String

    @OptionGroup(title: "Service") var service: ControlOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func run() async throws { try await service.show(.reservations(of: user), output, text: Self.text) }

    static func text(_ reply: ReservationsReply) -> [String] {
        guard !reply.reservations.isEmpty else { return ["No reservation is known."] }
        var table = TextTable(columns: [
            ("STATE", .left), ("MODEL", .left), ("HELD", .left), ("CHARGED", .left), ("ISSUED", .left), ("EXPIRES", .left),
            ("TIER", .left), ("ALLOWANCES", .left), ("RESERVATION", .left),
        ])
        for reservation in reply.reservations { table.add(cells(reservation)) }
        return [table.withoutBlankColumns.text]
    }

    private static func cells(_ reservation: ReservationReply) -> [String] {
        let cells: [String?] = [
            reservation.state, reservation.model, reservation.held.map(TextTable.charge), reservation.charged.map(TextTable.charge),
            reservation.issuedAt.map(TextTable.time), reservation.expiresAt.map(TextTable.time), reservation.tier,
            reservation.allowances?.joined(separator: ", "), reservation.reservationID,
        ]
        return cells.map(TextTable.orBlank)
    }
}
