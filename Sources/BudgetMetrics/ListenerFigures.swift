/// What a listener's event loops have counted since it started.
package struct ListenerFigures: Sendable {
    /// Answers by class of status: 1xx to 5xx.
    package private(set) var answers = [Int64](repeating: 0, count: 5)
    /// From a request read whole to its answer.
    package private(set) var durations = DurationHistogram()
    package var connections: Int64 = 0

    package init() {}

    /// Counts an answer.
    /// - Parameter nanoseconds: since the request had been read whole; nil when it never was.
    package mutating func count(status: Int, nanoseconds: Int64?) {
        answers[min(max(status / 100, 1), 5) - 1] += 1
        if let nanoseconds { durations.record(nanoseconds: nanoseconds) }
    }

    package mutating func add(_ other: ListenerFigures) {
        for index in answers.indices { answers[index] += other.answers[index] }
        durations.add(other.durations)
        connections += other.connections
    }

    package func write(to families: inout MetricFamilies, listener: String) {
        for (index, count) in answers.enumerated() where index > 0 {
            families.add(.httpRequests, count, ["listener": listener, "status": "\(index + 1)xx"])
        }
        families.add(.httpRequestDuration, .durations(durations), ["listener": listener])
        families.add(.connections, connections, ["listener": listener])
    }
}
