package import NIOCore

/// Every bound of the way to Redis, with its reason.
package struct StoreLimits: Sendable {
    /// A caller gets an answer by then, whatever Redis does. App servers wait on it, so it is short.
    package var commandDeadline: TimeAmount = .milliseconds(250)
    /// Connecting, signing in and loading scripts.
    package var handshakeDeadline: TimeAmount = .seconds(2)
    /// A connection that has not answered for this long after a deadline is given up: a black hole never closes by itself.
    package var stall: TimeAmount = .seconds(1)
    /// Commands in flight on one connection: at 50,000/s more than a deadline's worth, so a full pipeline means Redis hangs.
    package var pipeline = 16_384
    /// Commands that do not wait for the end of their tick: Redis begins with them while the loop reads on. Fewer cost more system
    /// calls than that gains.
    package var batch = 16
    /// Commands in flight beyond which nothing new is decided: at 35,000 decisions/s the last of them waits 15 ms. More load than
    /// the store bears is refused (503, `overloaded`) rather than made to wait; what was spent is still booked. ``Admission``
    /// tells what follows.
    package var decisions = 512
    /// Until a refused caller hears of it. Who asks again at once would otherwise be refused so often that no time is left to decide.
    package var refusalDelay: TimeAmount = .milliseconds(50)
    /// Waiting time before the first try to reconnect; doubled up to `longestBackoff`.
    package var shortestBackoff: TimeAmount = .milliseconds(20)
    /// Kept short so that service is back within a second of Redis.
    package var longestBackoff: TimeAmount = .milliseconds(500)
    /// Holds ended by one run of the sweep script; one run must not hold Redis up for long.
    package var sweepBatch = 200
    /// How often each partition is swept: a lost hold is back within a second of its expiry.
    package var sweepInterval: TimeAmount = .milliseconds(400)
    /// Before prices that the store did not take are left there again.
    package var pricesRetry: TimeAmount = .seconds(1)
    /// How long a price version outlives its last use: holds last at most a day without an extension, late commits another.
    package var pricesKept: TimeAmount = .hours(40 * 24)
    /// How often the version in use is left there again, so that it never ends while it is.
    package var pricesRenewal: TimeAmount = .hours(24)
    /// Times a plan is made again because the store knew better.
    package var replans = 3
    /// Users whose assignment one event loop remembers. Forgetting one costs a second round trip, not correctness.
    package var rememberedAssignments = 100_000
    /// Price versions besides the current one that an event loop remembers.
    package var rememberedCatalogues = 64
    /// Events confirmed by one run of a script: Lua passes on no more than some thousand words at once.
    package var confirmedEntries = 1_000
    /// Attributions that one event loop remembers while it reads events.
    package var rememberedAttributions = 16_384
    /// Series of decisions that metrics tell apart; further ones are counted as `other`. A scraper keeps each for weeks.
    package var decisionSeries = 1_000

    /// How often each loop looks whether the store still has its epoch: data that were lost are noticed by then.
    package var epochInterval: TimeAmount = .milliseconds(200)
    /// Events that wait, and open holds, that one step of an audit looks at: some 20 ms of Redis' time.
    package var auditedEntries = 20_000

    // MARK: What ops ask

    /// How long a change to a user is made again because others came between: scripts that grant in parallel do that.
    package var editPatience: TimeAmount = .seconds(2)
    /// Longest pause between two attempts, each of a random part of it: 60 changes at once take turns within a second.
    package var longestEditPause: TimeAmount = .milliseconds(200)
    /// Grants remembered of one user, those that still count and those that are over.
    package var grants = 64
    /// How long a grant's id is known after nothing of it counts any more, milliseconds: what is retried a day later is not granted
    /// twice.
    package var grantMemory: Int64 = 86_400_000
    /// Counters, reservations and keys handled by one run of a script for ops; one run must not hold Redis up for long.
    package var opsBatch = 200
    /// Keys that one step of a scan looks at: a fraction of a millisecond of Redis' time.
    package var scanStep = 1_000
    /// Keys that one answer looks at: a listing goes on behind a cursor, reservations that have ended are listed only where the
    /// whole store has no more keys than this.
    package var scannedKeys = 20_000
    /// Reservations listed of one user.
    package var listedReservations = 1_000
    /// How often a node's counts of what shadow allowances would have refused are added to the store's.
    package var shadowFlush: TimeAmount = .seconds(1)

    package init() {}
}
