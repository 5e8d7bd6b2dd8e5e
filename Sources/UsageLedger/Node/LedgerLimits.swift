/// Every bound of keeping the ledger, with its reason.
package struct LedgerLimits: Sendable {
    /// Events of a partition in one reading: of 64 partitions a batch that one write to disk is worth.
    package var entries = 64
    /// Waiting time when there was nothing: reports are this far behind.
    package var pause: Duration = .milliseconds(200)
    /// Before the next try after a failure.
    package var retry: Duration = .seconds(1)
    /// Another node takes over when the keeper has not been heard of for so long. Renewed four times as often.
    package var lease: Duration = .seconds(10)
    /// How often to count what waits.
    package var lagInterval: Duration = .seconds(1)
    /// How often to remove what is past its retention.
    package var pruneInterval: Duration = .seconds(3_600)
    package var retention = Retention()

    package init() {}
}
