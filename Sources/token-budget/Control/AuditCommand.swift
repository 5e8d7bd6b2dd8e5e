import ArgumentParser
import BudgetClient
import CommandSupport

struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Compare counters with the ledger and with what is held; set them right.",
        discussion: """
            Used must be the sum of the ledger's events, held the sum of open reservations. Without --repair nothing is changed; \
            with --repair --dry-run it is shown what would be.

            Exit code: 0 clean or repaired, 1 differences (or no answer), 2 wrong usage.

            Examples:
              token-budget audit
              token-budget audit --user u_42
              token-budget audit --repair --reason "counter edited by hand"
            """)

    @Option(help: "This user's own counters only.")
    var user: String?

    @Flag(help: "Set counters to what the ledger and the open reservations say.")
    var repair = false

    @OptionGroup(title: "Change") var change: ChangeOptions
    @OptionGroup var confirmation: Confirmation
    @OptionGroup(title: "Service") var service: ControlOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    var request: ControlRequest<AuditReply> {
        get throws {
            guard repair else { return .audit(of: user) }
            return try .repair(RepairBody(user: user, dryRun: change.dryRun, reason: change.reason))
        }
    }

    func run() async throws {
        let request = try self.request
        if repair, !change.dryRun { try confirmation.require("Set every counter that differs to what the ledger says?") }
        let reply = try await service.withClient { try await $0.send(request) }
        output.show(reply, text: Self.text)
        if Self.isOpen(reply.value) { throw ExitCode.failure }
    }

    /// Whether something is left to set right.
    static func isOpen(_ reply: AuditReply) -> Bool { !reply.clean && (reply.repaired ?? 0) < reply.found }

    static func text(_ reply: AuditReply) -> [String] {
        let checked = """
            \(Words.grouped(reply.checked.counters)) counters of \(Words.grouped(reply.checked.users)) users and \
            \(Words.grouped(reply.checked.reservations)) open reservations compared
            """
        guard !reply.clean else { return [checked + ": clean."] }
        var table = TextTable(columns: [
            ("USER", .left), ("ALLOWANCE", .left), ("USED", .right), ("LEDGER", .right), ("HELD", .right), ("OPEN", .right),
        ])
        for difference in reply.differences {
            let amounts = [difference.used, difference.ledger, difference.held, difference.openHolds]
            table.add(
                [difference.user ?? TextTable.blank, TextTable.named(difference.allowance, difference.dimensions)]
                    + amounts.map { TextTable.quantity($0, difference.unit) })
        }
        var lines = [checked + ": \(Words.grouped(reply.found)) differ.", table.text]
        if let repaired = reply.repaired, reply.dryRun == false { lines.append("\(Words.grouped(repaired)) set right.") }
        return lines
    }
}
