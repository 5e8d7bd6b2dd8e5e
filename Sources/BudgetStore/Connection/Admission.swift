package import NIOCore

/// Whether an event loop takes on one more decision.
///
/// Everybody is let in until `limit` commands wait for Redis, so that a burst of as many callers is served. Callers who keep coming
/// faster than they are answered would make that queue stand, and everybody wait for all of it. So once the limit was reached only
/// those are let in who are read early in a turn of the loop: who is read late has waited that long in a socket already. That lasts
/// for a while (``caution``), and as long again if it turned many away: to find out that there are still too many costs all of them
/// the wait that strictness is there to spare them.
package struct Admission {
    /// How long the limit, once reached, makes strict.
    package static let caution = TimeAmount.seconds(1)
    /// How far into a turn callers are let in while strict: some ten decisions.
    package static let patience = TimeAmount.microseconds(250)
    /// Strictness is prolonged when it refused more than one caller in so many.
    package static let tolerated = 4

    private let limit: Int
    private var isStrictUntil: NIODeadline?
    /// Callers, and those of them who were refused, in this period of strictness.
    private var (asked, refused) = (0, 0)

    package init(limit: Int) { self.limit = limit }

    /// - Parameters:
    ///   - waiting: the commands that wait for Redis.
    ///   - turnBegan: when the first command of the loop's turn was written that did not go out at once; nil before it.
    ///   - now: asked for only where it matters, because a decision has no time to waste on clocks.
    package mutating func admits(waiting: Int, turnBegan: NIODeadline?, at now: @autoclosure () -> NIODeadline) -> Bool {
        guard waiting >= limit || isStrictUntil != nil else { return true }
        let now = now()
        if let until = isStrictUntil, now >= until { reconsider(at: now) }
        if waiting >= limit { isStrictUntil = now + Self.caution }
        guard isStrictUntil != nil else { return true }
        let isRefused = waiting >= limit || turnBegan.map { now - $0 > Self.patience } ?? false
        asked += 1
        if isRefused { refused += 1 }
        return !isRefused
    }

    private mutating func reconsider(at now: NIODeadline) {
        isStrictUntil = refused * Self.tolerated > asked ? now + Self.caution : nil
        (asked, refused) = (0, 0)
    }
}
