package import BudgetModel

/// `GET /v1/users/{user}`: every live counter of a user, and the present tier's at zero.
extension BudgetStore {
    package func user(_ user: Identifier, _ answer: @escaping Answer<UserState>) {
        stored(user) { [self] result in answer(result.map { state(of: $0) }) }
    }

    /// `GET /v1/users/{user}` of the control API: the same, with what ops decided.
    package func account(_ user: Identifier, _ answer: @escaping Answer<UserAccount>) {
        stored(user) { [self] result in answer(result.map { account(of: $0) }) }
    }

    /// Everything Redis has of a user, holds that are over ended first: they are not shown as held, and that script tells the
    /// store's time.
    func stored(_ user: Identifier, _ answer: @escaping Answer<StoredUser>) {
        guard snapshot != nil else { return answer(.failure(withoutPolicy)) }
        guard watch.isWhole else { return answer(.failure(watch.refusal)) }
        sweepTellingTime(partition: Keys.partition(of: user)) { [self] result in
            switch result {
            case .failure(let error): answer(.failure(error))
            case .success(let swept): read(user, at: swept.time, answer)
            }
        }
    }

    private func read(_ user: Identifier, at time: Int64, _ answer: @escaping Answer<StoredUser>) {
        var command = Command("HGETALL")
        command.append(Keys.user(user))
        connection.send(command) { [self] result in
            switch result {
            case .failure(let fault): answer(.failure(.store(fault)))
            case .success(let reply):
                guard let stored = StoredUser(user, reply, at: time), learn(stored.bytes, of: user) != nil else {
                    return answer(.failure(.store(.corrupt("the user's data cannot be read"))))
                }
                answer(.success(stored))
            }
        }
    }

    func state(of stored: StoredUser) -> UserState {
        let tier = stored.assignment.tier ?? stored.lastTier ?? snapshot?.policy.defaultTier
        return UserState(
            user: stored.user, tier: tier, frozen: stored.assignment.frozen,
            allowances: states(stored.counters, tier: tier, stored.assignment, now: stored.time))
    }

    func account(of stored: StoredUser) -> UserAccount {
        UserAccount(
            state: state(of: stored), assignment: stored.assignment,
            grants: stored.assignment.topUps.filter { lastEffect(of: $0) > stored.time }, snapshot?.policy)
    }

    /// The tier's own counters in policy order, live or at zero, then live ones of other tiers by name.
    private func states(
        _ counters: [CounterKey: CounterState], tier: Identifier?, _ assignment: Assignment, now: Int64
    ) -> [AllowanceState] {
        var rest = counters
        var states: [AllowanceState] = []
        for allowance in snapshot?.allowances(tier: tier) ?? [] where allowance.isPerUser {
            let identity = CounterKey.identity(of: allowance)
            let live = rest.keys.filter { $0.name == allowance.name && $0.identity == identity }.sorted(by: Self.inOrder)
            for key in live {
                let counter = rest.removeValue(forKey: key)
                guard let counter, counter.isLive(allowance.window, now: now) else { continue }
                states += [state(key, counter, tier: tier, assignment, now: now)].compactMap { $0 }
            }
            let zero = allowance.zeroCounter(identity, tier: tier)
            if let zero, !states.contains(where: { $0.name == allowance.name && $0.dimensions.map(\.value) == zero.values }) {
                states += [state(zero, nil, tier: tier, assignment, now: now)].compactMap { $0 }
            }
        }
        for (key, counter) in rest.sorted(by: { Self.inOrder($0.key, $1.key) }) {
            guard let allowance = snapshot?.allowance(of: key, tier: tier), counter.isLive(allowance.window, now: now) else { continue }
            states += [state(key, counter, tier: tier, assignment, now: now)].compactMap { $0 }
        }
        return states
    }

    private static func inOrder(_ a: CounterKey, _ b: CounterKey) -> Bool {
        Keys.field(a).lexicographicallyPrecedes(Keys.field(b))
    }
}

/// What Redis has of a user.
struct StoredUser {
    let user: Identifier
    /// The store's time when it was read.
    let time: Int64
    /// The assignment as it is stored; empty for none.
    private(set) var bytes: [UInt8] = []
    var assignment = Assignment()
    /// What a change granted, for the ledger.
    var granted: AdjustmentNote?
    /// The tier of the last decision.
    private(set) var lastTier: Identifier?
    private(set) var counters: [CounterKey: CounterState] = [:]

    /// - Parameter reply: the user's hash.
    /// - Returns: nil when something of it cannot be read.
    init?(_ user: Identifier, _ reply: Reply, at time: Int64) {
        guard case .array(let items) = reply else { return nil }
        self.user = user
        self.time = time
        var grants: [UInt8] = []
        for pair in stride(from: 0, to: items.count - 1, by: 2) {
            guard case .bytes(let field) = items[pair], case .bytes(let value) = items[pair + 1] else { return nil }
            if field == Array("a".utf8) {
                guard let known = AssignmentRecord.decode(value) else { return nil }
                (bytes, assignment) = (value, known)
            } else if field == Array("g".utf8) {
                grants = value
            } else if field == Array("t".utf8) {
                lastTier = Identifier(String(decoding: value, as: UTF8.self))
            } else if let key = Keys.counter(field: field) {
                guard let counter = CounterState(value) else { return nil }
                counters[key] = counter
            }
        }
        GrantRecord.name(&assignment, grants)
    }
}

extension Allowance {
    /// The counter there is before any use; nil when its dimensions are not known beforehand.
    func zeroCounter(_ identity: String, tier: Identifier?) -> CounterKey? {
        var values: [Identifier] = []
        for dimension in per where dimension != .user {
            guard let value = match[dimension] ?? (dimension == .tier ? tier : nil) else { return nil }
            values.append(value)
        }
        return CounterKey(name: name, identity: identity, isPerUser: isPerUser, values: values)
    }
}
