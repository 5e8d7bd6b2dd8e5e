import ArgumentParser
import BudgetHTTP
import BudgetStore
import CommandSupport
import Foundation
import Logging
import UsageLedger

/// Every flag of `serve`, its meaning and default. Each has the environment variable `TOKEN_BUDGET_<FLAG>`.
struct ServeFlags: ParsableArguments {
    @Option(help: "Policy file, YAML or JSON: seeds a store that has no policy. A stored policy wins over it.")
    var policy: String?

    @Flag(help: "Store the policy file as a new version at start, even where the store has a policy.")
    var policyApply = false

    @Option(help: "Address of the decision API; port 0 takes a free one. (default: 127.0.0.1:8080)")
    var listen: String?

    @Option(help: "Address of the control API; it answers /livez and /readyz. (default: 127.0.0.1:8081)")
    var controlListen: String?

    @Option(help: "redis://[user:pass@]host:port/db, rediss://... (TLS) or unix:///path.sock?db=0. (default: an own redis-server)")
    var redisUrl: String?

    @Option(help: "Directory of the own redis-server and of the ledger's file. (default: ./data)")
    var data: String?

    @Option(help: "Keys file, taken anew when it changes (token-budget keys --help); without one only loopback addresses are served.")
    var keys: String?

    @Option(help: "How long the outcome of a committed reservation is kept: <n>s|m|h|d. (default: 15m)")
    var settledRetention: String?

    @Option(help: "Certificate chain (PEM) for both listeners; taken anew, with its key, when the files change.")
    var tlsCert: String?

    @Option(help: "Private key (PEM) for --tls-cert.")
    var tlsKey: String?

    @Option(help: "Authorities (PEM): every client of both listeners must show a certificate signed by one of them.")
    var tlsClientCa: String?

    @Option(help: "How logs are written: json (one object a line) or text. (default: text on a terminal, else json)")
    var logFormat: String?

    @Option(help: "Least level that is logged: trace, debug, info, notice, warning, error or critical. (default: info)")
    var logLevel: String?

    @Option(help: "Database of the ledger: postgres://user@host/database, or sqlite:///path. (default: ledger.sqlite in --data)")
    var ledgerUrl: String?

    @Option(help: "How long the ledger keeps every single event, at least 7d; its sums are kept for good. (default: 90d)")
    var ledgerRetention: String?

    @Option(help: "Event loops, each with a Redis connection of its own. (default: half the cores)")
    var eventLoops: Int?
}

/// What the service runs with, checked.
struct ServeSettings {
    struct Listener {
        var host: String
        var port: Int
        var isLoopback: Bool { Loopback.contains(host) }
    }

    var policy: String?
    var policyApply: Bool
    var listen: Listener
    var controlListen: Listener
    /// nil: an own redis-server in `data`.
    var redis: StoreAddress?
    var data: String
    var keys: String?
    /// Milliseconds.
    var settledRetention: Int64
    var tls: ServerTLS.Files?
    var logFormat: LogFormat
    var logLevel: Logger.Level
    var eventLoops: Int
    var ledger: LedgerLocation
    var ledgerRetention: Retention

    init(_ flags: ServeFlags, _ environment: Environment) throws {
        policy = flags.policy ?? environment.value("POLICY")
        policyApply = try flags.policyApply || environment.flag("POLICY_APPLY")
        listen = try Self.listener(flags.listen ?? environment.value("LISTEN") ?? "127.0.0.1:8080", "--listen")
        controlListen = try Self.listener(
            flags.controlListen ?? environment.value("CONTROL_LISTEN") ?? "127.0.0.1:8081", "--control-listen")
        do {
            redis = try (flags.redisUrl ?? environment.secret("REDIS_URL")).map { try StoreAddress(url: $0) }
        } catch let error as StoreAddress.Malformed {
            throw ValidationError("--redis-url: \(error)")
        }
        data = flags.data ?? environment.value("DATA") ?? "./data"
        keys = flags.keys ?? environment.value("KEYS")
        settledRetention = try Self.duration(
            flags.settledRetention ?? environment.value("SETTLED_RETENTION") ?? "15m", "--settled-retention")
        tls = try Self.tls(
            flags.tlsCert ?? environment.value("TLS_CERT"), flags.tlsKey ?? environment.value("TLS_KEY"),
            clientCA: flags.tlsClientCa ?? environment.value("TLS_CLIENT_CA"))
        logFormat = try Self.choice(flags.logFormat ?? environment.value("LOG_FORMAT"), "--log-format") ?? .usual
        logLevel = try Self.choice(flags.logLevel ?? environment.value("LOG_LEVEL"), "--log-level") ?? .info
        eventLoops = try Self.loops(flags.eventLoops.map { String($0) } ?? environment.value("EVENT_LOOPS"))
        ledger = try Self.ledger(flags.ledgerUrl ?? environment.secret("LEDGER_URL"), data: data)
        ledgerRetention = try Self.retention(flags.ledgerRetention ?? environment.value("LEDGER_RETENTION"))
        if keys == nil {
            for (listener, flag) in [(listen, "--listen"), (controlListen, "--control-listen")] where !listener.isLoopback {
                throw ValidationError(
                    "\(flag) \(listener.host):\(listener.port): without --keys only loopback addresses are served; give a keys file")
            }
        }
    }

    private static func listener(_ text: String, _ flag: String) throws -> Listener {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]), (0...65_535).contains(port)
        else { throw ValidationError("\(flag) \(text): write HOST:PORT, such as 127.0.0.1:8080") }
        let host = text[..<colon].trimmingCharacters(in: ["[", "]"])
        return Listener(host: host.isEmpty ? "0.0.0.0" : host, port: port)
    }

    private static func duration(_ text: String, _ flag: String) throws -> Int64 {
        let units: [Character: Int64] = ["s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000]
        guard let unit = text.last.flatMap({ units[$0] }), let count = Int64(text.dropLast()), (1...1_000_000).contains(count) else {
            throw ValidationError("\(flag) \(text): write a duration such as 15m (<n>s|m|h|d)")
        }
        return count * unit
    }

    private static func ledger(_ url: String?, data: String) throws -> LedgerLocation {
        guard let url else { return .file(data + "/ledger.sqlite") }
        do {
            return try LedgerLocation(url: url)
        } catch {
            throw ValidationError("--ledger-url: \(error)")
        }
    }

    private static func retention(_ text: String?) throws -> Retention {
        var retention = Retention()
        guard let text else { return retention }
        retention.days = Int(try duration(text, "--ledger-retention") / 86_400_000)
        guard retention.days >= Retention.minimumDays else {
            throw ValidationError("--ledger-retention \(text): at least \(Retention.minimumDays)d")
        }
        return retention
    }

    private static func tls(_ certificate: String?, _ key: String?, clientCA: String?) throws -> ServerTLS.Files? {
        switch (certificate, key) {
        case (nil, nil):
            guard clientCA == nil else { throw ValidationError("--tls-client-ca needs --tls-cert and --tls-key") }
            return nil
        case (let certificate?, let key?): return ServerTLS.Files(certificate: certificate, key: key, clientCA: clientCA)
        default: throw ValidationError("--tls-cert and --tls-key go together")
        }
    }

    private static func choice<Value>(_ text: String?, _ flag: String) throws -> Value?
    where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
        guard let text else { return nil }
        guard let value = Value(rawValue: text) else {
            throw ValidationError("\(flag) \(text): write \(Value.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return value
    }

    private static func loops(_ text: String?) throws -> Int {
        guard let text else { return max(1, ProcessInfo.processInfo.activeProcessorCount / 2) }
        guard let count = Int(text), (1...64).contains(count) else { throw ValidationError("--event-loops \(text): write 1 to 64") }
        return count
    }
}
