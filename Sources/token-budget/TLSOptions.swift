import ArgumentParser
import BudgetClient
import CommandSupport

/// What a command trusts and shows where the service speaks TLS.
struct TLSOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Authority of the service's certificate, PEM. (default: TOKEN_BUDGET_SERVER_CA, else the system's)", valueName: "file"))
    var serverCa: String?

    @Option(
        help: ArgumentHelp(
            "This client's certificate, PEM, for a service that asks for one. (default: TOKEN_BUDGET_CLIENT_CERT)", valueName: "file"))
    var clientCert: String?

    @Option(help: ArgumentHelp("The certificate's key, PEM. (default: TOKEN_BUDGET_CLIENT_KEY)", valueName: "file"))
    var clientKey: String?

    func files(_ environment: Environment) -> TLSFiles {
        TLSFiles(
            authority: serverCa ?? environment.value("SERVER_CA"), certificate: clientCert ?? environment.value("CLIENT_CERT"),
            key: clientKey ?? environment.value("CLIENT_KEY"))
    }
}
