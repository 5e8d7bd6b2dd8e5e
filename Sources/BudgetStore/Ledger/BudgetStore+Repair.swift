package import BudgetModel
import BudgetScripts

/// What is to be done to one counter.
package struct CounterCorrection: Hashable, Sendable {
    package var counter: CounterKey
    package var unit: AllowanceUnit
    /// As ``CounterWindow/start``.
    package var windowStart: Int64
    /// What is added to what is there.
    package var used: Int64
    package var held: Int64
    /// What is to be where there is no counter of this window or a later one; nil: nothing.
    package var missing: CounterState?

    package init(_ counter: CounterKey, _ unit: AllowanceUnit, windowStart: Int64, used: Int64, held: Int64, missing: CounterState?) {
        (self.counter, self.unit, self.windowStart) = (counter, unit, windowStart)
        (self.used, self.held, self.missing) = (used, held, missing)
    }
}

/// Who corrects, and why.
package struct Correcting: Sendable {
    package var actor: String
    package var reason: String
    /// What the event is to tell, by allowance.
    package var facts: [String: String] = [:]

    package init(actor: String, reason: String) { (self.actor, self.reason) = (actor, reason) }
}

extension BudgetStore {
    /// Sets counters right: a user's, or (nil) shared ones.
    /// - Parameters:
    ///   - node: must have the lease of the ledger: nobody else may know what is right.
    ///   - who: for the event that tells of it; nil: no event.
    ///   - assignment: given to a user who has none.
    /// - Parameter answer: gets how many were set right; nil when the lease is another's.
    package func correct(
        _ corrections: [CounterCorrection], of user: Identifier?, by node: String, _ who: Correcting?,
        assignment: AssignmentCopy? = nil, _ answer: @escaping Answer<Int?>
    ) {
        let shared = corrections.filter { !$0.counter.isPerUser }
        let owner: Identifier = user ?? ""
        run(.repair, keys: 3 + shared.count) { arguments in
            arguments.append(Keys.user(owner))
            arguments.append(Keys.stream(partition: Keys.partition(of: owner)))
            arguments.append(Keys.lease)
            for correction in shared { arguments.append(Keys.sharedCounter(correction.counter)) }
            arguments.append(node)
            arguments.append { if let who { note(corrections, of: owner, who).append(to: &$0) } }
            arguments.append(assignment?.assignment ?? [])
            arguments.append(assignment?.grants ?? [])
            for correction in corrections { arguments.append(correction) }
        } _: { result in
            answer(
                result.map { bytes in
                    var reader = Unpacker(bytes)
                    return reader.byte() == UInt8(ascii: "k") ? Int(reader.unsigned(4)) : nil
                })
        }
    }

    private func note(_ corrections: [CounterCorrection], of user: Identifier, _ who: Correcting) -> AdjustmentNote {
        var note = AdjustmentNote(user, actor: who.actor, reason: who.reason)
        note.facts = who.facts
        note.counters = corrections.map { correction in
            AdjustmentNote.Counter(
                unit: correction.unit.code,
                field: Keys.place(of: correction.counter))
        }
        return note
    }
}

extension Command {
    fileprivate mutating func append(_ correction: CounterCorrection) {
        append(correction.counter.isPerUser ? Keys.field(correction.counter) : [])
        append { bytes in
            bytes.append(time: correction.windowStart)
            bytes.append(double: correction.used)
            bytes.append(double: correction.held)
        }
        append(correction.missing?.bytes ?? [])
    }
}

/// A user's assignment as the ledger keeps it: the bytes of the fields `a` and `g` of the user's hash.
package struct AssignmentCopy: Hashable, Sendable {
    package var user: Identifier
    package var assignment: [UInt8]
    package var grants: [UInt8]

    package init(user: Identifier, assignment: [UInt8], grants: [UInt8]) {
        (self.user, self.assignment, self.grants) = (user, assignment, grants)
    }
}
