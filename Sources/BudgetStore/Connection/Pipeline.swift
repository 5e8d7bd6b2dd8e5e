package import NIOCore

/// The commands in flight on one connection, oldest first, as a value: what to do is returned, somebody else does it.
///
/// A command that ran out of time keeps its place until its late answer has come and gone, so that no answer ever reaches
/// another command.
package struct Pipeline<Completion> {
    private struct Slot {
        var completion: Completion?
        let deadline: NIODeadline
        let isTimed: Bool
    }
    private var slots = CircularBuffer<Slot>()
    /// Slots before this index have already timed out.
    private var expired = 0
    private let capacity: Int

    /// - Parameter capacity: most commands in flight; one more is refused.
    package init(capacity: Int) { self.capacity = capacity }

    package var isEmpty: Bool { slots.isEmpty }
    package var count: Int { slots.count }
    /// Whether a command waits that has not timed out yet.
    package var isWaiting: Bool { expired < slots.count }
    /// The deadline of the oldest command still waited for.
    package var nextDeadline: NIODeadline? { isWaiting ? slots[slots.index(slots.startIndex, offsetBy: expired)].deadline : nil }
    /// The deadline of the oldest command whose answer has not come, waited for or not.
    package var oldestDeadline: NIODeadline? { slots.first?.deadline }

    /// That deadline if somebody wants to know how long the command took.
    package var oldestTimedDeadline: NIODeadline? { slots.first.flatMap { $0.isTimed ? $0.deadline : nil } }

    /// Takes the place of a command about to be written; false when the pipeline is full. Deadlines must not decrease.
    /// - Parameter isTimed: whether its time until the answer is of interest.
    package mutating func enqueue(_ completion: Completion, deadline: NIODeadline, isTimed: Bool = true) -> Bool {
        guard slots.count < capacity else { return false }
        slots.append(Slot(completion: completion, deadline: deadline, isTimed: isTimed))
        return true
    }

    package enum Answered {
        case complete(Completion)
        /// The answer of a command nobody waits for any more.
        case discard
        /// An answer without a question: the connection is out of step.
        case outOfStep
    }

    package mutating func answered() -> Answered {
        guard let slot = slots.popFirst() else { return .outOfStep }
        if expired > 0 { expired -= 1 }
        return slot.completion.map(Answered.complete) ?? .discard
    }

    /// Commands whose deadline is `now` or earlier, each returned once.
    package mutating func expire(at now: NIODeadline) -> [Completion] {
        var late: [Completion] = []
        while expired < slots.count {
            let index = slots.index(slots.startIndex, offsetBy: expired)
            guard slots[index].deadline <= now else { break }
            if let completion = slots[index].completion { late.append(completion) }
            slots[index].completion = nil
            expired += 1
        }
        return late
    }

    /// Everybody still waiting when the connection is gone.
    package mutating func abandon() -> [Completion] {
        defer {
            slots.removeAll()
            expired = 0
        }
        return slots.compactMap(\.completion)
    }
}
