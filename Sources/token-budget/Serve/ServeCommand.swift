import ArgumentParser
import CommandSupport

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Run the service.",
        discussion: """
            Without --redis-url the service starts its own private redis-server in --data. It prints one line when it listens, \
            logs to stderr, and ends cleanly on SIGTERM or Ctrl-C. SIGHUP reads the policy, keys and certificate files again; a file \
            with a mistake changes nothing. Under systemd (Type=notify) it says when it is ready, reloading and stopping.

            Every flag has an environment variable: --redis-url is TOKEN_BUDGET_REDIS_URL, and so on. A secret can stand in a \
            file: TOKEN_BUDGET_REDIS_URL_FILE names one that holds the URL.

            Examples:
              token-budget serve --policy policy.yaml
              token-budget serve --policy policy.yaml --redis-url redis://:secret@redis.internal:6379/0 --keys keys.yaml --listen 0.0.0.0:8080
            """)

    @OptionGroup var flags: ServeFlags

    func run() async throws {
        let settings = try ServeSettings(flags, Environment())
        try await Service(settings).run()
    }
}
