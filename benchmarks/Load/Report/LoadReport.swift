import CommandSupport
import Foundation

/// The outcome of a run: what `--json` writes and table and page show.
struct LoadReport: Encodable, Sendable {
    /// What was asked for, so that a run can be repeated.
    struct Conditions: Encodable, Sendable {
        var date: String
        var server: String
        /// Processors of this machine: the service often shares them with this tool.
        var processors: Int
        var load: String
        var isClosedLoop: Bool
        /// Requests per second; nil for a trace, a ramp or a closed loop.
        var rate: Double?
        var connections: Int
        var seed: UInt64
        var users: Int
        var zipf: Double
        var userPrefix: String
        var features: String?
        var tiers: String?
        var models: String
        var thinkSeconds: Double
        var timeToLiveSeconds: Int64
        var released: Double
        var lost: Double
        var late: Double
    }

    struct Call: Encodable, Sendable {
        var verb: String
        /// Answers per second while requests began.
        var rate: Double
        /// From the time the call was due.
        var latency: Percentiles
        /// From its sending.
        var service: Percentiles
    }

    /// The latency below which a share of the calls was answered.
    struct CurvePoint: Encodable, Sendable {
        var percentile: Double
        var reserveMicroseconds: Double
        var commitMicroseconds: Double
    }

    let conditions: Conditions
    let elapsedSeconds: Double
    let requests: Int
    /// Decided reserves per second while requests began.
    let decidedPerSecond: Double
    let calls: [Call]
    let decisions: [String: Int]
    let errors: [String: Int]
    let shed: [String: Int]
    let released, lost, late: Int
    let lateCommits: Int
    let tokensCharged: Int64
    let clientLag: Percentiles
    let clientCPUMicrosecondsPerCall: Double
    let wasStopped: Bool
    let ledger: LedgerFindings
    let seconds: [WindowRow]
    let steps: [RunRecord.Step]
    let curve: [CurvePoint]
    let objectives: [Objective.Verdict]

    init(_ settings: LoadSettings, _ record: RunRecord, _ ledger: LedgerFindings) {
        let figures = record.figures
        conditions = Conditions(settings)
        elapsedSeconds = record.elapsed
        requests = figures.offered
        decidedPerSecond = record.rate(.reserve)
        calls = Verb.allCases.map { Call($0, figures[$0], rate: record.rate($0)) }
        decisions = figures.decisions
        errors = figures.errors
        shed = figures.sheds
        released = figures.fates[.release] ?? 0
        lost = figures.fates[.lost] ?? 0
        late = figures.fates[.late] ?? 0
        lateCommits = figures.lateCommits
        tokensCharged = figures.tokensCharged
        clientLag = Percentiles(figures.lag)
        clientCPUMicrosecondsPerCall = record.cpuPerCall
        wasStopped = record.wasStopped
        self.ledger = ledger
        seconds = record.seconds
        steps = record.steps
        curve = Self.curve(figures)
        objectives = settings.objectives.map { $0.judge(figures, rate: record.rate(.reserve), ledger) }
    }

    var isMet: Bool { objectives.allSatisfy(\.met) }
    var errorCount: Int { errors.values.reduce(0, +) }
    var shedCount: Int { shed.values.reduce(0, +) }
    var decided: Int { decisions.values.reduce(0, +) }

    /// Of a ramp: the last step that was kept up with and the first that was not; nil for other runs.
    var saturation: (sustained: RunRecord.Step?, saturated: RunRecord.Step?)? {
        steps.isEmpty ? nil : (steps.last { $0.saturation == nil }, steps.first { $0.saturation != nil })
    }

    /// Up to the last percentile that a call stands for.
    private static func curve(_ figures: Figures) -> [CurvePoint] {
        let (reserve, commit) = (figures[.reserve].total, figures[.commit].total)
        var points: [CurvePoint] = []
        var rest = 1.0
        // Ten points for each nine.
        while rest * Double(reserve.count) >= 1 {
            let percentile = 100 * (1 - rest)
            points.append(
                CurvePoint(
                    percentile: percentile, reserveMicroseconds: Double(reserve.percentile(percentile)) / 1_000,
                    commitMicroseconds: Double(commit.percentile(percentile)) / 1_000))
            rest *= 0.794_328_234_724_281_5
        }
        return points
    }
}

extension LoadReport.Conditions {
    init(_ settings: LoadSettings) {
        let traffic = settings.traffic
        date = Date().ISO8601Format()
        server = settings.target.url
        processors = ProcessInfo.processInfo.activeProcessorCount
        isClosedLoop = settings.shape.isClosed
        load = (settings.rampP99 == nil ? "" : "ramp, ") + settings.shape.text
        if case .open = settings.shape, settings.rampP99 == nil { rate = settings.stretches.first?.rate }
        connections = settings.connections
        seed = settings.seed
        users = traffic.users
        zipf = traffic.zipf
        userPrefix = traffic.userPrefix
        features = traffic.features?.text
        tiers = traffic.tiers?.text
        models = traffic.models.text
        thinkSeconds = traffic.think
        timeToLiveSeconds = traffic.timeToLive
        (released, lost, late) = (traffic.released, traffic.lost, traffic.late)
    }
}

extension LoadReport.Call {
    init(_ verb: Verb, _ figures: CallFigures, rate: Double) {
        self.verb = verb.name
        self.rate = rate
        latency = Percentiles(figures.total)
        service = Percentiles(figures.service)
    }
}
