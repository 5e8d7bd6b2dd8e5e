package import NIOCore

/// Every bound of the client, with its reason.
package struct ClientLimits: Hashable, Sendable {
    /// From the call to the head of its answer, connecting included, and between two pieces of the answer. A decision
    /// takes microseconds: whoever has waited this long is better off deciding without one.
    package var timeout: TimeAmount = .seconds(10)
    /// To open a connection.
    package var connectTimeout: TimeAmount = .seconds(5)
    /// Largest answer, bytes: a user with thousands of counters is some hundred kilobytes.
    package var answer = 4 << 20
    /// Open connections at a time; further calls wait for one, inside their `timeout`.
    package var connections = 8
    /// An idle connection is closed before the service (75 s) or a proxy on the way would close it under a call.
    package var idleTimeout: TimeAmount = .seconds(30)

    package init() {}
}
