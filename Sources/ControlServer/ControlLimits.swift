package import BudgetHTTP
import BudgetModel
package import NIOCore

/// Every limit of the control listener, with its reason.
package struct ControlLimits: Sendable {
    /// Largest body of most calls, bytes: that of a policy.
    package var body = PolicyText.maximumPolicy
    /// Largest price document, bytes.
    package var pricesBody = PolicyText.maximumCatalogue
    /// Largest catalogue to import, bytes: LiteLLM's has under 2 MiB.
    package var catalogueBody = 16 << 20
    package var head = HeadRules()
    /// How long a connection may say nothing, and how long after an answer the next head must be there whole.
    package var idle: TimeAmount = .seconds(75)
    /// For the first head of a fresh connection: whoever connects has something to say.
    package var firstHead: TimeAmount = .seconds(10)
    /// From a head to the last byte of its body: 16 MiB over a slow line.
    package var bodyDeadline: TimeAmount = .seconds(30)
    /// How long a caller may leave an answer unread before the connection closes: long enough for a person's pager, and as long as a
    /// report waits with its snapshot in hand.
    package var unread: TimeAmount = .seconds(60)
    /// Connections at once: people and scrapers, not app servers.
    package var connections = 256
    /// Those of one address: half of all, so that one client gone wild leaves room for whoever else comes.
    package var connectionsPerPeer = 128
    /// How long a stop waits for reports whose database is still reading.
    package var reportPatience: Duration = .seconds(5)
    /// How often a node looks whether policy or prices have changed. Contract: within a second.
    package var followInterval: Duration = .milliseconds(200)
    /// How often a change is tried again on top of somebody else's that came between.
    package var editAttempts = 16
    /// How long the answer to a store's first policy waits for a ledger to claim the store: the ledger's own patience, and a look.
    package var claimPatience: Duration = .seconds(3)
    /// How long what Redis said of itself is shown: many scrapers must not ask it more often.
    package var storeGlance: Duration = .seconds(1)

    /// Largest body about one user, bytes: a limit for each of hundreds of allowances.
    package var userBody = 64 << 10
    /// Users of one page, unless the caller says how many, and at most.
    package var page = 100
    package var largestPage = 1_000

    /// Rows of each period that a report may be asked for at most, where it is asked for the dearest.
    package var largestTop = 100_000

    package init() {}
}
