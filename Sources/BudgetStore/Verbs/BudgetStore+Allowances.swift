package import BudgetModel
import BudgetScripts

/// `GET /v1/allowances`: counters that many users share, and what shadow allowances would have refused.
extension BudgetStore {
    package func allowances(_ answer: @escaping Answer<SharedAllowances>) {
        guard snapshot != nil else { return answer(.failure(.plan(.noPolicy))) }
        // Ahead on the same connection: what this loop counted is in the answer.
        flushWouldReject()
        listed(from: 0, []) { [self] result in
            switch result {
            case .failure(let error): answer(.failure(error))
            case .success(let listed):
                // Counters of allowances without dimensions are known, used or not.
                let known = zeroCounters
                let rest = Set(listed.compactMap(Keys.counter(sharedKey:))).subtracting(known).sorted {
                    Keys.sharedCounter($0).lexicographicallyPrecedes(Keys.sharedCounter($1))
                }
                read((known + rest)[...], []) { [self] result in
                    switch result {
                    case .failure(let error): answer(.failure(error))
                    case .success(let counters): addWouldReject(to: counters, answer)
                    }
                }
            }
        }
    }

    private func listed(from cursor: UInt64, _ found: [[UInt8]], _ answer: @escaping Answer<[[UInt8]]>) {
        scan(membersOf: Keys.shared, from: cursor) { [self] result in
            switch result {
            case .failure(let error): answer(.failure(error))
            case .success(let step):
                if step.cursor == 0 { return answer(.success(found + step.found)) }
                listed(from: step.cursor, found + step.found, answer)
            }
        }
    }

    /// The counters of shared allowances that have just one, known beforehand, in policy order.
    private var zeroCounters: [CounterKey] {
        guard let policy = snapshot?.policy else { return [] }
        let tiers = policy.tiers.sorted { $0.key.text < $1.key.text }
        let forEveryone = policy.allowances.map { (allowance: $0, tier: Identifier?.none) }
        let ofTiers = tiers.flatMap { name, tier in tier.allowances.map { (allowance: $0, tier: Identifier?.some(name)) } }
        var seen: Set<CounterKey> = []
        return (forEveryone + ofTiers).filter { !$0.allowance.isPerUser }.compactMap { allowance, tier in
            allowance.zeroCounter(CounterKey.identity(of: allowance), tier: tier)
        }.filter { seen.insert($0).inserted }
    }

    /// One batch after the other; those that are gone leave the list.
    private func read(
        _ keys: ArraySlice<CounterKey>, _ found: [(CounterKey, CounterState?)],
        _ answer: @escaping Answer<[(CounterKey, CounterState?)]>
    ) {
        guard !keys.isEmpty else { return answer(.success(found)) }
        let batch = keys.prefix(connection.limits.opsBatch)
        run(.allowances, keys: 1) { arguments in
            arguments.append(Keys.shared)
            for key in batch { arguments.append(Keys.sharedCounter(key)) }
        } _: { [self] result in
            switch result {
            case .failure(let error): answer(.failure(error))
            case .success(let bytes):
                var reader = Unpacker(bytes)
                observe(storeTime: reader.time())
                let states = batch.map { ($0, CounterState(reader.bytes(Int(reader.byte())))) }
                read(keys.dropFirst(batch.count), found + states, answer)
            }
        }
    }

    private func addWouldReject(to counters: [(CounterKey, CounterState?)], _ answer: @escaping Answer<SharedAllowances>) {
        connection.send(Command("HGETALL", Keys.wouldReject)) { [self] result in
            switch result {
            case .failure(let fault): answer(.failure(.store(fault)))
            case .success(let reply):
                let counts = ShadowAllowance.counts(reply)
                let (time, zeros) = (now, Set(zeroCounters))
                let states = counters.compactMap { key, stored -> AllowanceState? in
                    guard let allowance = snapshot?.allowance(of: key, tier: nil) else { return nil }
                    guard zeros.contains(key) || stored?.isLive(allowance.window, now: time) == true else { return nil }
                    return state(key, stored, tier: nil, Assignment(), now: time)
                }
                answer(.success(SharedAllowances(states: states, shadow: shadow(counts))))
            }
        }
    }

    /// Every shadow allowance of the policy with what it would have refused so far.
    private func shadow(_ counts: [ShadowAllowance: Int64]) -> [SharedAllowances.Shadow] {
        guard let policy = snapshot?.policy else { return [] }
        let forEveryone = policy.allowances.filter(\.shadow).map { allowance in
            SharedAllowances.Shadow(
                name: allowance.name, tier: nil,
                wouldReject: counts.reduce(0) { $0 + ($1.key.name == allowance.name ? $1.value : 0) })
        }
        let ofTiers = policy.tiers.sorted { $0.key.text < $1.key.text }.flatMap { name, tier in
            tier.allowances.filter(\.shadow).map { allowance in
                SharedAllowances.Shadow(
                    name: allowance.name, tier: name,
                    wouldReject: counts[ShadowAllowance(name: allowance.name, tier: name)] ?? 0)
            }
        }
        return forEveryone + ofTiers
    }
}

/// Allowances that many users share.
package struct SharedAllowances: Sendable {
    /// A shadow allowance, and how many decisions of all nodes it would have refused.
    package struct Shadow: Hashable, Sendable {
        package var name: Identifier
        /// nil for one that counts for everyone.
        package var tier: Identifier?
        package var wouldReject: Int64

        package init(name: Identifier, tier: Identifier?, wouldReject: Int64) {
            self.name = name
            self.tier = tier
            self.wouldReject = wouldReject
        }
    }
    package var states: [AllowanceState]
    package var shadow: [Shadow]
}
