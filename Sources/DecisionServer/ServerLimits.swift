package import BudgetHTTP
package import NIOCore

/// Every bound of the HTTP side, with its reason.
package struct ServerLimits: Sendable {
    /// Largest body. A reserve is some 200 bytes; a provider's usage object with all details a few kilobytes.
    package var body = 64 << 10
    package var head = HeadRules()
    /// From a connection's first moment, or its last answer, to a whole request head. Also bounds idle keep-alive.
    package var headDeadline: TimeAmount = .seconds(75)
    /// For the first head of a fresh connection: whoever connects has something to say.
    package var firstHeadDeadline: TimeAmount = .seconds(10)
    /// From the head to the last byte of the body, however slowly it trickles.
    package var bodyDeadline: TimeAmount = .seconds(10)
    /// For a peer to take an answer.
    package var writeDeadline: TimeAmount = .seconds(20)
    /// Open connections of one listener; one more is answered 503 and closed.
    package var connections = 20_000
    /// From saying "not ready" to closing the door: load balancers must have looked in between.
    package var lameDuck: TimeAmount = .seconds(1)
    /// How long a drain waits for requests in flight.
    package var drain: TimeAmount = .seconds(25)

    package init() {}
}
