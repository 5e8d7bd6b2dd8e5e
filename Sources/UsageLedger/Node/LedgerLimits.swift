/// Every bound of keeping the ledger, with its reason.
package struct LedgerLimits: Sendable {
    /// Events of a partition in one reading, fewer after a failure: of 64 partitions a batch that one write to disk is worth.
    package var entries = 64
    /// Waiting time when there was nothing: reports are this far behind.
    package var pause: Duration = .milliseconds(200)
    /// How many times as long as it worked the keeper rests while nothing waits for longer than ``freshness``: booking an event takes
    /// more of a processor than deciding about it, and may share one with decisions.
    package var restPerWork = 4
    /// What waits for longer is booked as fast as it goes.
    package var freshness: Duration = .seconds(15)
    /// Before the next try after a failure.
    package var retry: Duration = .seconds(1)
    /// Another node takes over when the keeper has not been heard of for so long. Renewed four times as often.
    package var lease: Duration = .seconds(10)
    /// How often the keeper looks whether the store still has everything, and others who keeps it.
    package var watch: Duration = .milliseconds(200)
    /// An empty ledger takes a store without an epoch only after so long: one with a history comes first, so that a second node's
    /// empty file never becomes the ledger of a store that has just lost its data. Nothing for a store that is this node's alone.
    package var claimPatience: Duration = .seconds(2)
    /// From taking a store's epoch away to rebuilding it: every node has looked by then, and what was under way has ended.
    package var notice: Duration = .seconds(1)
    /// Users that are audited or rebuilt with one look at the ledger.
    package var auditedUsers = 512
    /// Differences that an audit lists one by one.
    package var listedDifferences = 1_000
    /// How often to count what waits.
    package var lagInterval: Duration = .seconds(1)
    /// How often to ask whether the database answers.
    package var probeInterval: Duration = .seconds(1)
    /// Between two steps, of a thousand keys each, in which a store is looked through for assignments without a copy: ten million
    /// keys take a quarter of an hour.
    package var searchInterval: Duration = .milliseconds(100)
    /// How often to remove what is past its retention.
    package var pruneInterval: Duration = .seconds(60)
    /// Steps of 2,000 rows of each table at a time, so that the lease is renewed in between: 28 million rows a day.
    package var pruneSteps = 10
    package var retention = Retention()

    package init() {}
}
