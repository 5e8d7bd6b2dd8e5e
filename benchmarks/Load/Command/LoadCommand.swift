import ArgumentParser
import CommandSupport
import Foundation

@main
struct LoadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "budget-load",
        abstract: "Load a running Token Budget service, measure it honestly and check its books.",
        discussion: """
            Each request is a reserve, a think time and what settles it: mostly a commit; some are released, some lost, some \
            committed late. Requests begin when a timetable says so, whatever the service does (open loop), and latency counts \
            from that time: what waits for a connection has waited.

            At the end the counters of the busiest users are compared with what the service has acknowledged. Users are fresh \
            in every run.

            Objectives: p50, p90, p99, p99.9, max (reserve, from the time it was due), commit.p99 and so on, rate (decided \
            reserves per second, at least), errors, shed (status 503), mismatches. mismatches=0 is missed where nothing could \
            be compared.

            Exit code: 0 done and every objective met, 1 one missed or the service unreachable, 2 wrong usage.

            Examples:
              budget-load --rate 5000 --duration 30s --objective p99=1ms,errors=0,mismatches=0
              budget-load --ramp from=2000,to=40000,step=2000,each=5s --html ramp.html
              budget-load --trace trace.csv --speed 10 --tiers free:9,pro --features chat:70,summarize:30
            """)

    @OptionGroup(title: "When requests begin") var shape: ShapeOptions
    @OptionGroup(title: "What is asked") var traffic: TrafficOptions

    @OptionGroup var access: DecisionAccess

    @Flag(help: "Allow a service that is not on this machine.")
    var allowRemote = false

    @Option(help: ArgumentHelp("Connections, kept open.", valueName: "number"))
    var connections = 64

    @Option(help: ArgumentHelp("The same seed draws the same requests. (default: random)", valueName: "number"))
    var seed: UInt64?

    @Option(
        help: ArgumentHelp("What must be reached: p99=1ms,errors=0,mismatches=0.", valueName: "list"),
        transform: LoadCommand.objectives)
    var objective: [Objective] = []

    @Option(
        name: .customLong("json"),
        help: ArgumentHelp("Write the outcome as JSON; - is stdout, in place of the table.", valueName: "file"))
    var jsonFile: String?

    @Option(name: .customLong("html"), help: ArgumentHelp("Write the outcome as a page with plots.", valueName: "file"))
    var htmlFile: String?

    @Flag(help: "Tell how it goes each second, even where stderr is no terminal.")
    var progress = false

    private static func objectives(_ text: String) throws -> [Objective] {
        do {
            return try Objective.list(text)
        } catch {
            throw ValidationError("\(error)")
        }
    }

    func validate() throws {
        try ShapeOptions.check(Double(connections), "--connections", 1...Double(LoadLimits.connections))
        if let closed = shape.closed, closed > connections {
            throw ValidationError("--closed \(closed) needs as many --connections.")
        }
    }

    func run() async throws {
        let report = try await LoadRun(settings: settings(), progress: ProgressLine(always: progress)).run()
        if let htmlFile { try Self.write(ReportPage(report).text, to: htmlFile) }
        if let jsonFile, jsonFile != "-" { try Self.write(Words.json(report), to: jsonFile) }
        print(jsonFile == "-" ? try Words.json(report) : report.text)
        if !report.isMet { throw ExitCode.failure }
    }

    private static func write(_ text: String, to file: String) throws {
        try text.write(toFile: file, atomically: true, encoding: .utf8)
    }

    private func settings() throws -> LoadSettings {
        let environment = Environment()
        let target = try target(environment)
        let seed = seed ?? UInt64.random(in: 0..<1_000_000)
        let rows = try shape.rows()
        let prefix = "load-\(seed)-\(Int64(Date().timeIntervalSince1970 * 1_000))-"
        return LoadSettings(
            target: target, key: try access.key.value(environment), shape: shape.shape, stretches: shape.stretches(rows),
            rampP99: shape.ramp.map { _ in Int64(shape.rampP99.seconds * 1e9) }, maxRequests: shape.maxRequests,
            connections: connections, seed: seed, traffic: try traffic.traffic(rows, freshPrefix: prefix), objectives: objective)
    }

    private func target(_ environment: Environment) throws -> Target {
        let url = access.address(environment)
        let target: Target
        do { target = try Target(url) } catch { throw ValidationError("--server: \(error)") }
        guard target.isLoopback || allowRemote else {
            throw ValidationError("\(url) is another machine. --allow-remote says that you may load it.")
        }
        return target
    }

    static func main() async { await runProgram() }
}
