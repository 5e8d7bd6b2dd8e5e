import Foundation

/// What a run has found, before its ledger is checked.
struct RunRecord: Sendable {
    struct Step: Encodable, Hashable, Sendable {
        var window: WindowRow
        /// Why the service did not keep up; nil when it did.
        var saturation: String?
    }

    var figures = Figures()
    var books: Books
    /// Second by second.
    var seconds: [WindowRow] = []
    /// Of a ramp.
    var steps: [Step] = []
    /// Seconds in which requests began.
    var elapsed: Double = 0
    /// Answers of each verb until then.
    var inTime = [Int](repeating: 0, count: Verb.allCases.count)
    /// Processor time of this tool for each call until then, microseconds.
    var cpuPerCall: Double = 0
    /// Models the service has degraded to.
    var otherModels: [String] = []
    /// Ctrl-C.
    var wasStopped = false

    /// Answers per second while requests began.
    func rate(_ verb: Verb) -> Double { elapsed > 0 ? Double(inTime[verb.rawValue]) / elapsed : 0 }
}

/// What is told while a run goes on.
enum Progress: Sendable {
    case second(WindowRow)
    /// No request begins any more: what is still to come.
    case drain(calls: Int, late: Int)
}

/// Processor time of this process so far, seconds.
func processorTime() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}
