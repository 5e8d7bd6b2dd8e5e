package import ArgumentParser
import BudgetClient

/// Where the decision API is, and the key it is asked with.
package struct DecisionAccess: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Address of the decision API. (default: TOKEN_BUDGET_SERVER, else \(BudgetClient.defaultServer))", valueName: "url"))
    package var server: String?

    @OptionGroup package var key: KeyOption

    package init() {}

    package func address(_ environment: Environment) -> String {
        server ?? environment.value("SERVER") ?? BudgetClient.defaultServer
    }
}

/// The key a service is asked with.
package struct KeyOption: ParsableArguments {
    @Option(
        help: """
            Key for the service, if it asks for one. Better in TOKEN_BUDGET_KEY, or in a file that TOKEN_BUDGET_KEY_FILE \
            names: other users of the machine can read command lines.
            """)
    package var key: String?

    package init() {}

    /// nil where there is none.
    package func value(_ environment: Environment) throws -> String? { try key ?? environment.secret("KEY") }
}
