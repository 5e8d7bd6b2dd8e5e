package import BudgetModel
import BudgetScripts

/// `POST /v1/users/{user}/reset`: what a user has used of an allowance counts no more; what is held stays held.
extension BudgetStore {
    /// - Parameter dimensions: only counters with these values.
    /// - Parameter actor: who resets, as the ledger names it.
    package func reset(
        _ allowance: Identifier, dimensions: [Dimension: Identifier], of user: Identifier, actor: String, reason: String,
        _ answer: @escaping Answer<ResetAnswer>
    ) {
        let note = AdjustmentNote(user, actor: actor, reason: reason)
        stored(user) { [self] result in
            switch result {
            case .failure(let error): answer(.failure(error))
            case .success(let stored):
                do throws(EditError) {
                    reset(try counters(allowance, dimensions, stored)[...], stored, note, [], answer)
                } catch {
                    answer(.failure(.edit(error)))
                }
            }
        }
    }

    /// The live counters of an allowance, in the order of their fields.
    private func counters(
        _ name: Identifier, _ dimensions: [Dimension: Identifier], _ stored: StoredUser
    ) throws(EditError) -> [CounterKey] {
        guard let counted = snapshot?.policy.allowances(countedPerUserAs: name).first else {
            throw .unknownAllowance(name, pointer: "/allowance")
        }
        for dimension in dimensions.keys.sorted(by: { $0.rawValue < $1.rawValue }) {
            guard dimension != .user, counted.per.contains(dimension) else { throw .unknownDimension(dimension, allowance: name) }
        }
        return stored.counters.filter { key, counter in
            guard key.name == name, let allowance = snapshot?.allowance(of: key, tier: nil) else { return false }
            let values = allowance.values(of: key)
            return counter.isLive(allowance.window, now: stored.time) && dimensions.allSatisfy { values[$0.key] == $0.value }
        }.keys.sorted { Keys.field($0).lexicographicallyPrecedes(Keys.field($1)) }
    }

    /// One batch after the other.
    private func reset(
        _ keys: ArraySlice<CounterKey>, _ stored: StoredUser, _ note: AdjustmentNote, _ done: [ResetCounter],
        _ answer: @escaping Answer<ResetAnswer>
    ) {
        guard !keys.isEmpty else {
            return account(stored.user) { answer($0.map { ResetAnswer(counters: done, account: $0) }) }
        }
        let batch = keys.prefix(connection.limits.opsBatch)
        var note = note
        note.counters = batch.map { key in
            AdjustmentNote.Counter(unit: snapshot?.allowance(of: key, tier: nil)?.unit.code ?? 0, field: Keys.field(key))
        }
        run(.reset, keys: 2) { arguments in
            arguments.append(Keys.user(stored.user))
            arguments.appendStream(of: stored.user)
            arguments.append { note.append(to: &$0) }
            for key in batch { arguments.append(Keys.field(key)) }
        } _: { [self] result in
            switch result {
            case .failure(let error): answer(.failure(error))
            case .success(let bytes):
                var reader = Unpacker(bytes)
                observe(storeTime: reader.time())
                let reset = batch.compactMap { resetCounter($0, usedBefore: reader.double()) }
                self.reset(keys.dropFirst(batch.count), stored, note, done + reset, answer)
            }
        }
    }

    private func resetCounter(_ key: CounterKey, usedBefore: Int64) -> ResetCounter? {
        guard usedBefore >= 0, let allowance = snapshot?.allowance(of: key, tier: nil) else { return nil }
        return ResetCounter(name: key.name, unit: allowance.unit, dimensions: allowance.values(of: key), usedBefore: usedBefore)
    }
}

/// The answer to a reset.
package struct ResetAnswer: Sendable {
    package var counters: [ResetCounter]
    package var account: UserAccount
}

/// A counter that was reset, and what was used of it, in its unit.
package struct ResetCounter: Sendable {
    package var name: Identifier
    package var unit: AllowanceUnit
    package var dimensions: [Dimension: Identifier]
    package var usedBefore: Int64
}

extension Allowance {
    /// A counter's values by what it is counted per, the user aside.
    func values(of counter: CounterKey) -> [Dimension: Identifier] {
        Dictionary(zip(per.filter { $0 != .user }, counter.values).map { ($0, $1) }) { first, _ in first }
    }
}
