package import NIOCore

/// Whether an event loop takes on one more decision.
///
/// Everybody is let in until `limit` commands wait for Redis, so that a burst of as many callers is served. Callers who keep coming
/// faster than they are answered would make that queue stand, and everybody wait for all of it. So for a while after the limit was
/// reached (``caution``) only those are let in who are read early in a turn of the loop: who is read late has waited that long
/// in a socket already.
package struct Admission {
    /// How long the limit, once reached, makes strict.
    package static let caution = TimeAmount.seconds(1)
    /// How far into a turn callers are let in while strict: some ten decisions.
    package static let patience = TimeAmount.microseconds(250)

    private let limit: Int
    private var isStrictUntil: NIODeadline?
    private var turnBegan: NIODeadline?

    package init(limit: Int) { self.limit = limit }

    /// - Parameters:
    ///   - waiting: the commands that wait for Redis.
    ///   - now: asked for only where it matters, because a decision has no time to waste on clocks.
    package mutating func admits(waiting: Int, at now: @autoclosure () -> NIODeadline) -> Bool {
        guard waiting < limit else {
            isStrictUntil = now() + Self.caution
            return false
        }
        guard let until = isStrictUntil else { return true }
        let now = now()
        if now >= until {
            isStrictUntil = nil
            return true
        }
        return turnBegan.map { now - $0 <= Self.patience } ?? true
    }

    /// The first command of a turn is about to go out; ``turnEnded()`` follows in any case.
    package mutating func turnBegins(at now: NIODeadline) { turnBegan = now }

    package mutating func turnEnded() { turnBegan = nil }
}
