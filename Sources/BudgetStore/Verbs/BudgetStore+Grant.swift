package import BudgetModel

/// `POST /v1/users/{user}/grants`: extra allowance for one user.
extension BudgetStore {
    /// - Parameter actor: who grants, as histories name it.
    /// - Parameter id: names the grant if the request does not.
    package func grant(
        _ request: GrantRequest, to user: Identifier, actor: String, id: String, _ answer: @escaping Answer<GrantAnswer>
    ) {
        let id = request.id ?? id
        var granted: (topUp: TopUp, replayed: Bool)?
        edit(user) { [self] (stored) throws(EditError) in
            if let known = stored.assignment.topUps.first(where: { $0.grant?.id == id }) {
                guard known.grant?.fingerprint == request.fingerprint else { throw .grantIDReused }
                granted = (known, true)
                return .always
            }
            let grant = Grant(
                id: id, grantedAt: stored.time, actor: actor, reason: request.reason, fingerprint: request.fingerprint)
            let topUp = try topUp(request, stored, grant)
            try makeRoom(in: &stored)
            stored.assignment.topUps.append(topUp)
            let unit = snapshot?.policy.allowances(countedPerUserAs: topUp.allowance).first?.unit ?? .tokens
            stored.granted = AdjustmentNote(topUp, unit, of: user, grant)
            granted = (topUp, false)
            // In another window it would be another grant; and one that has expired by then grants nothing.
            return WindowBounds(start: 0, end: topUp.before)
        } _: { result in
            answer(
                result.flatMap { account in
                    guard let granted else { return .failure(.unsettled) }
                    return .success(GrantAnswer(topUp: granted.topUp, replayed: granted.replayed, account: account))
                })
        }
    }

    private func topUp(_ request: GrantRequest, _ stored: StoredUser, _ grant: Grant) throws(EditError) -> TopUp {
        guard let policy = snapshot?.policy else { throw .unknownAllowance(request.allowance, pointer: "/allowance") }
        var topUp = try request.topUp(policy, stored.assignment, now: stored.time) { [self] in presentEnd(of: $0, $1, stored) }
        topUp.grant = grant
        return topUp
    }

    /// When an allowance's present window ends. A rolling window that has not begun ends as if it began now, so that the grant is
    /// for one window, whenever that begins; of several counters the first to end decides, so that it is for no second one of any.
    private func presentEnd(
        of allowance: Allowance, _ dimensions: [Dimension: Identifier], _ stored: StoredUser
    ) -> Int64? {
        let now = stored.time
        guard case .rolling(let length) = allowance.window else { return calendarWindow(of: allowance, at: now)?.end }
        let identity = CounterKey.identity(of: allowance)
        let running = stored.counters.filter { key, counter in
            guard key.name == allowance.name, key.identity == identity, counter.finish > now else { return false }
            let values = allowance.values(of: key)
            return dimensions.allSatisfy { values[$0.key] == $0.value }
        }
        return running.values.map(\.finish).min() ?? now + length
    }

    // MARK: How long grants are remembered

    /// From when on a top-up raises no limit any more, in milliseconds since 1970: it counts in windows that began before it
    /// expired, to their end.
    func lastEffect(of topUp: TopUp) -> Int64 {
        let allowances = snapshot?.policy.allowances(countedPerUserAs: topUp.allowance) ?? []
        return allowances.map { allowance in
            if case .rolling(let length) = allowance.window { return topUp.before + length }
            return calendarWindow(of: allowance, at: topUp.before - 1)?.end ?? topUp.before
        }.max() ?? topUp.before
    }

    /// Drops grants that have been over for so long that nobody retries them.
    func forgetGrants(of stored: inout StoredUser) {
        let limit = stored.time - connection.limits.grantMemory
        stored.assignment.topUps.removeAll { lastEffect(of: $0) <= limit }
    }

    /// Room for one more: the oldest of those that are over is forgotten early.
    private func makeRoom(in stored: inout StoredUser) throws(EditError) {
        forgetGrants(of: &stored)
        while stored.assignment.topUps.count >= connection.limits.grants {
            let ends = stored.assignment.topUps.map(lastEffect)
            guard let oldest = ends.indices.min(by: { ends[$0] < ends[$1] }), ends[oldest] <= stored.time else {
                throw .tooManyGrants(connection.limits.grants)
            }
            stored.assignment.topUps.remove(at: oldest)
        }
    }
}

/// The answer to a grant.
package struct GrantAnswer: Sendable {
    package var topUp: TopUp
    /// The id was known already; nothing was granted again.
    package var replayed: Bool
    package var account: UserAccount
}
