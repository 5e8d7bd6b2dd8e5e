import ArgumentParser
import BudgetClient
import CommandSupport
import Foundation

/// Where the control API is, and who speaks to it: the options every command for ops shares.
struct ControlOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Address of the control API. (default: TOKEN_BUDGET_CONTROL_SERVER, else \(ControlClient.defaultServer))",
            valueName: "url"))
    var server: String?

    @OptionGroup var key: KeyOption
    @OptionGroup var tls: TLSOptions

    @Option(help: ArgumentHelp("Who you are, for the histories. (default: TOKEN_BUDGET_ACTOR, else USER)", valueName: "name"))
    var actor: String?

    /// Calls `body` with a client for its time.
    func withClient<Result>(_ body: (ControlClient) async throws -> Result) async throws -> Result {
        let environment = Environment()
        let actor = try Self.actor(actor, environment, user: ProcessInfo.processInfo.environment["USER"])
        return try await BudgetClient.with(
            server: server ?? environment.value("CONTROL_SERVER") ?? ControlClient.defaultServer,
            key: try key.value(environment), tls: tls.files(environment), limits: ControlClient.limits
        ) { try await body(ControlClient(over: $0, actor: actor)) }
    }

    /// Sends one call and shows its answer.
    func show<Reply: Decodable & Sendable>(
        _ request: ControlRequest<Reply>, _ output: OutputOptions, text: (Reply) -> [String]
    ) async throws {
        output.show(try await withClient { try await $0.send(request) }, text: text)
    }

    /// 1 to 128 bytes of UTF-8, as the service takes it; a header's value neither begins nor ends with a blank.
    static func actor(_ flag: String?, _ environment: Environment, user: String?) throws -> String? {
        guard let named = flag ?? environment.value("ACTOR") else { return user.flatMap { isName($0) ? $0 : nil } }
        guard isName(named) else { throw ValidationError("--actor takes 1 to 128 bytes without control characters.") }
        return named
    }

    private static func isName(_ text: String) -> Bool {
        (1...128).contains(text.utf8.count) && !text.unicodeScalars.contains { $0.properties.generalCategory == .control }
            && text.utf8.first != 0x20 && text.utf8.last != 0x20
    }
}

/// What every command that changes something takes.
struct ChangeOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Why, for the histories; at most 500 bytes.", valueName: "text"))
    var reason: String?

    @Flag(help: "Show what would be done; nothing is changed.")
    var dryRun = false
}

/// What every command takes that stores a version of a document.
struct ReplacedOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The version it is meant to replace, from `show --etag`.", valueName: "etag"))
    var ifMatch: String?
}

/// What every command takes that changes something the service itself has no dry run for.
struct UserChangeOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Why, for the histories; at most 500 bytes.", valueName: "text"))
    var reason: String?

    @Flag(help: "Show the request that would be sent; the service is not asked whether it would do it.")
    var dryRun = false

    func show<Reply>(unsent request: ControlRequest<Reply>) {
        print(TextTable.onOneLine("dry run, nothing was sent and the service was not asked: \(request)"))
    }
}

/// The exit codes of the commands for ops, as their help tells them.
enum ExitCodes {
    static let help = "Exit code: 0 done, 1 not done (refused, not found, no connection), 2 wrong usage."
}
