package import BudgetModel

/// `GET /v1/users/{user}`: every live counter of a user, and the present tier's at zero.
extension BudgetStore {
    package func user(_ user: Identifier, _ answer: @escaping Answer<UserState>) {
        guard snapshot != nil else { return answer(.failure(withoutPolicy)) }
        // Holds that are over are not shown as held, and the script tells the store's time.
        sweep(partition: Keys.partition(of: user)) { [self] result in
            switch result {
            case .failure(let error): answer(.failure(error))
            case .success: read(user, answer)
            }
        }
    }

    private func read(_ user: Identifier, _ answer: @escaping Answer<UserState>) {
        var command = Command("HGETALL")
        command.append(Keys.user(user))
        connection.send(command) { [self] result in
            switch result {
            case .failure(let fault): answer(.failure(.store(fault)))
            case .success(let reply):
                guard let state = userState(user, reply) else {
                    return answer(.failure(.store(.corrupt("the user's data cannot be read"))))
                }
                answer(.success(state))
            }
        }
    }

    private func userState(_ user: Identifier, _ reply: Reply) -> UserState? {
        guard case .array(let items) = reply else { return nil }
        var assignment = Assignment()
        var lastTier: Identifier?
        var counters: [CounterKey: CounterState] = [:]
        for pair in stride(from: 0, to: items.count - 1, by: 2) {
            guard case .bytes(let field) = items[pair], case .bytes(let value) = items[pair + 1] else { return nil }
            if field == Array("a".utf8) {
                guard let known = learn(value, of: user) else { return nil }
                assignment = known
            } else if field == Array("t".utf8) {
                lastTier = Identifier(String(decoding: value, as: UTF8.self))
            } else if let key = Keys.counter(field: field) {
                guard let counter = CounterState(value) else { return nil }
                counters[key] = counter
            }
        }
        let tier = assignment.tier ?? lastTier ?? snapshot?.policy.defaultTier
        return UserState(
            user: user, tier: tier, frozen: assignment.frozen, allowances: states(counters, tier: tier, assignment, now: now))
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

extension Allowance {
    /// The counter a user has before any use; nil when its dimensions are not known beforehand.
    fileprivate func zeroCounter(_ identity: String, tier: Identifier?) -> CounterKey? {
        var values: [Identifier] = []
        for dimension in per where dimension != .user {
            guard let value = match[dimension] ?? (dimension == .tier ? tier : nil) else { return nil }
            values.append(value)
        }
        return CounterKey(name: name, identity: identity, isPerUser: true, values: values)
    }
}
