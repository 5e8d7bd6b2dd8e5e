/// Every bound of the tool, with its reason. Where a number also stands in a message, it comes from here.
enum LoadLimits {
    /// Longest time in which requests begin, seconds: nobody forgets a run for longer.
    static let duration: Double = 600
    /// Most requests of a run.
    static let requests = 10_000_000
    /// Above it one event loop is the bottleneck, and the figures would be about this tool.
    static let rate: Double = 100_000
    static let connections = 1_024
    /// A connection without a call for so long is opened anew, nanoseconds: services close what is idle, ours a fresh one after 10 s.
    static let idle: Int64 = 6_000_000_000
    /// Most calls that wait for a connection; more are dropped and counted as errors, so that memory is bounded.
    static let waiting = 100_000
    /// Each user has books of a few dozen bytes.
    static let users = 1_000_000
    /// Longest user prefix, bytes: a user's name has at most 256, and its number needs some.
    static let prefix = 200
    /// Names in one mix: each combination of tier, feature and model is asked about before a run.
    static let mixNames = 16
    /// Rows of a trace; they are kept in memory.
    static let traceRows = 2_000_000
    static let burst = 100_000
    /// Most input or output tokens of a drawn request.
    static let tokens: Int64 = 1_000_000
    /// Mean think time, seconds.
    static let think: Double = 60
    /// No draw of a think time is longer than so many times its mean, so that a run ends.
    static let thinkMultiple: Double = 10
    /// Longest a single call may take, nanoseconds, before its connection is given up.
    static let callTime: Int64 = 10_000_000_000
    /// Longest time to live that late commits and the end of lost holds are waited for, seconds.
    static let awaitedTimeToLive: Int64 = 120
    /// A hold nobody settles is free again within a second of its end; this is a little more, nanoseconds.
    static let sweep: Int64 = 1_500_000_000
    /// How long after its time to live a late request commits, nanoseconds.
    static let lateness: Int64 = 200_000_000
    /// Users whose counters are compared at the end, the busiest first.
    static let compared = 2_000
    /// Differences that are shown; the others are counted.
    static let shownMismatches = 20
    static let rampSteps = 200
    /// Largest answer, bytes.
    static let answer = 1 << 20
    /// Between two attempts to open a lost connection again, nanoseconds.
    static let reconnectPause: Int64 = 100_000_000
}
