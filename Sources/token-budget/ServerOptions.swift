import ArgumentParser
import BudgetClient
import CommandSupport
import Foundation

/// Where the service is and how to talk to it: the options every command of the terminal shares.
struct ServerOptions: ParsableArguments {
    @OptionGroup var access: DecisionAccess
    @OptionGroup var tls: TLSOptions

    /// Calls `body` with a client for its time.
    func withClient<Result>(
        limits: ClientLimits = ClientLimits(), _ body: (BudgetClient) async throws -> Result
    ) async throws -> Result {
        let environment = Environment()
        return try await BudgetClient.with(
            server: access.address(environment), key: try access.key.value(environment), tls: tls.files(environment), limits: limits,
            body)
    }
}

/// How an answer is shown.
struct OutputOptions: ParsableArguments {
    @Flag(help: "Print the service's JSON, indented but otherwise as it came.")
    var json = false

    /// - Parameter text: the lines for people.
    func show<Reply>(_ received: BudgetClient.Received<Reply>, text: (Reply) -> [String]) {
        if json {
            print(JSONLayout.indented(received.body))
        } else {
            print(TextTable.visible(text(received.value).filter { !$0.isEmpty }.joined(separator: "\n\n")))
        }
    }

    /// A document as ops wrote it, byte for byte, so that what is saved is what was stored; or the service's JSON of it.
    func show(document received: BudgetClient.Received<DocumentReply>) {
        if json {
            print(JSONLayout.indented(received.body))
        } else {
            FileHandle.standardOutput.write(received.body)
        }
    }

    /// An entity tag without its quotes, as `--if-match` takes it; an empty line where there is no version.
    func show(etag: String?) { print(TextTable.onOneLine((etag ?? "").filter { $0 != "\"" })) }
}
