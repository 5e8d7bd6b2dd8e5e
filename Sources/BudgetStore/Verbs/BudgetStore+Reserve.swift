package import BudgetModel
import BudgetScripts

/// `POST /v1/reserve` and `/v1/check`: plan, ask the script, read its verdict; plan anew when the store knows better.
extension BudgetStore {
    /// - Parameter holding: false asks what a reserve would answer and holds nothing.
    package func reserve(_ request: ReserveRequest, holding: Bool = true, _ answer: @escaping Answer<Decision>) {
        let nonce = request.idempotencyKey.map(NonceSource.named) ?? nextNonce()
        let call = ReserveCall(request, holding: holding, nonce: nonce, plansLeft: connection.limits.replans)
        attempt(call, assignment(of: request.attribution.user), at: now, answer)
    }

    private func attempt(
        _ call: ReserveCall, _ assignment: Assignment, at time: Int64, windowStarts: [CounterKey: Int64] = [:],
        _ answer: @escaping Answer<Decision>
    ) {
        let plan: Plan
        let prices: PriceVersion
        do throws(PlanError) {
            (plan, prices) = try withPlanner { (planner) throws(PlanError) in
                let plan = try planner.plan(call.request, assignment, now: time, windowStarts: windowStarts)
                return (plan, planner.snapshot.priceVersion)
            }
        } catch {
            // The remembered assignment may be why: only the store knows whether it still stands.
            return reconsider(call, assignment, error, answer)
        }
        run(.reserve, keys: 3 + plan.counters.sharedCount, { call.fill(&$0, plan, prices) }) { [self] result in
            switch result {
            case .failure(let error): answer(.failure(error))
            case .success(let bytes): verdict(bytes, call, plan, prices, answer)
            }
        }
    }

    private func verdict(
        _ bytes: [UInt8], _ call: ReserveCall, _ plan: Plan, _ prices: PriceVersion, _ answer: @escaping Answer<Decision>
    ) {
        var reader = Unpacker(bytes)
        let letter = reader.byte()
        switch letter {
        case UInt8(ascii: "m"): answer(.failure(.idempotencyKeyReused))
        case UInt8(ascii: "p"): replay(call, answer)
        case UInt8(ascii: "d"): sweepThenRetry(call, answer)
        case UInt8(ascii: "s"): replan(&reader, call, plan, answer)
        default:
            guard let verdict = ReserveVerdict(letter, &reader, call, plan, prices) else {
                return answer(.failure(.store(.corrupt("the reserve script's answer cannot be read"))))
            }
            observe(storeTime: verdict.storeTime)
            answer(.success(verdict.decision))
        }
    }

    /// Holds that are over but not yet swept stand in the way of an allow: end them, then ask once more.
    private func sweepThenRetry(_ call: ReserveCall, _ answer: @escaping Answer<Decision>) {
        sweep(partition: Keys.partition(of: call.request.attribution.user)) { [self] result in
            switch result {
            case .failure(let error): answer(.failure(error))
            case .success:
                var call = call
                call.isSwept = true
                attempt(call, assignment(of: call.request.attribution.user), at: now, answer)
            }
        }
    }

    /// The plan's time, assignment or window starts were not the store's: plan again with the truth it sent.
    private func replan(_ reader: inout Unpacker, _ call: ReserveCall, _ plan: Plan, _ answer: @escaping Answer<Decision>) {
        guard call.plansLeft > 0 else { return answer(.failure(.unsettled)) }
        let time = reader.time()
        let bytes = reader.bytes(Int(reader.unsigned(4)))
        var starts: [CounterKey: Int64] = [:]
        for counter in plan.counters {
            let state = CounterState(&reader, isRefill: counter.allowance.window.isRefill)
            if counter.allowance.window.isRolling, let state, state.finish > 0 { starts[counter.key] = state.start }
        }
        guard !reader.isBroken, let assignment = learn(bytes, of: plan.user) else {
            return answer(.failure(.store(.corrupt("the user's assignment cannot be read"))))
        }
        observe(storeTime: time)
        var call = call
        call.plansLeft -= 1
        attempt(call, assignment, at: time, windowStarts: starts, answer)
    }

    /// A request that cannot be planned is refused under the assignment the store holds now, not under a remembered one.
    private func reconsider(
        _ call: ReserveCall, _ assignment: Assignment, _ error: PlanError, _ answer: @escaping Answer<Decision>
    ) {
        guard error != .noPolicy, call.plansLeft > 0 else { return unplannable(call, error, answer) }
        let user = call.request.attribution.user
        fetchAssignment(of: user) { [self] result in
            switch result {
            case .failure(let failure): answer(.failure(failure))
            case .success(let current):
                guard current != assignment else { return unplannable(call, error, answer) }
                var call = call
                call.plansLeft -= 1
                attempt(call, current, at: now, answer)
            }
        }
    }

    func fetchAssignment(of user: Identifier, _ answer: @escaping Answer<Assignment>) {
        var command = Arguments("HGET")
        command.append(Keys.user(user))
        command.append("a")
        connection.send(command) { [self] result in
            switch result {
            case .failure(let fault): answer(.failure(.store(fault)))
            case .success(let reply):
                var bytes: [UInt8] = []
                if case .bytes(let stored) = reply { bytes = stored }
                guard let assignment = learn(bytes, of: user) else {
                    return answer(.failure(.store(.corrupt("the user's assignment cannot be read"))))
                }
                answer(.success(assignment))
            }
        }
    }

    // MARK: Idempotency

    /// A policy edit may have made unplannable what was held before it: a repeat still gets its stored answer.
    private func unplannable(_ call: ReserveCall, _ error: PlanError, _ answer: @escaping Answer<Decision>) {
        guard !call.fingerprint.isEmpty, error != .noPolicy else { return answer(.failure(.plan(error))) }
        replay(call) { answer($0.flatMapError { .failure($0 == .unknownReservation ? .plan(error) : $0) }) }
    }

    /// The key has been used for this very request: the stored answer, while the reservation is open.
    private func replay(_ call: ReserveCall, _ answer: @escaping Answer<Decision>) {
        let user = call.request.attribution.user
        inspect(user, nonce: call.nonce, fingerprint: call.fingerprint) { [self] result in
            answer(
                result.flatMap { report in
                    guard var decision = StoredAnswer(report.hold.answer)?.decision(call, report),
                        let states = states(of: report, user: user)
                    else { return .failure(.store(.corrupt("the reservation cannot be read"))) }
                    decision.allowances = states
                    return .success(decision)
                })
        }
    }

    /// What an idempotency key was used for; fails as the repeated request must.
    func inspect(_ user: Identifier, nonce: [UInt8], fingerprint: [UInt8], _ answer: @escaping Answer<HoldReport>) {
        run(.inspect, keys: 2) {
            $0.append(Keys.user(user))
            $0.append(Keys.reservation(user, nonce: nonce))
            $0.append(fingerprint)
        } _: { result in
            answer(
                result.flatMap { bytes in
                    var reader = Unpacker(bytes)
                    switch reader.byte() {
                    case UInt8(ascii: "n"): return .failure(.reservationEnded)
                    case UInt8(ascii: "m"): return .failure(.idempotencyKeyReused)
                    case UInt8(ascii: "g"): return .failure(.unknownReservation)
                    default:
                        guard let report = HoldReport(&reader) else {
                            return .failure(.store(.corrupt("the reservation cannot be read")))
                        }
                        return .success(report)
                    }
                })
        }
    }
}

/// One reserve or check on its way: what stays the same however often it is planned.
struct ReserveCall {
    let request: ReserveRequest
    let holding: Bool
    let nonce: [UInt8]
    /// Empty without an idempotency key.
    let fingerprint: [UInt8]
    var isSwept = false
    var plansLeft: Int

    init(_ request: ReserveRequest, holding: Bool, nonce: [UInt8], plansLeft: Int) {
        self.request = request
        self.holding = holding
        self.nonce = nonce
        fingerprint = holding && request.idempotencyKey != nil ? request.fingerprint : []
        self.plansLeft = plansLeft
    }

    var environment: EnvironmentTag { EnvironmentTag(request.attribution.environment) }

    /// KEYS and ARGV of `lua/reserve.lua`.
    func fill(_ arguments: inout Arguments, _ plan: Plan, _ prices: PriceVersion) {
        let origins = plan.origins
        arguments.appendKeys(plan.user, nonce: nonce)
        arguments.appendSharedKeys(plan.counters)
        arguments.append { $0.appendRevision(plan.revision) }
        arguments.append { header(plan, origins.count, &$0) }
        arguments.append(fingerprint)
        arguments.append(plan.tier.text)
        arguments.append(plan.appendPlainCounters)
        arguments.append { plan.appendLadder(origins, to: &$0) }
        arguments.appendFields(plan.counters)
        for origin in origins {
            arguments.append { Origin.append(tier: plan.tier, origin, of: plan.counters, to: &$0) }
        }
        guard !fingerprint.isEmpty else { return }
        for (index, rung) in plan.rungs.enumerated() {
            arguments.append(StoredAnswer.ticket(rung, isAsked: plan.asksFirstRung && index == 0, prices))
        }
        for counter in plan.counters { arguments.append(counter.key.name.text) }
    }

    private func header(_ plan: Plan, _ origins: Int, _ bytes: inout [UInt8]) {
        bytes.appendTime(request.timeToLive)
        bytes.appendTime(plan.validity.start)
        bytes.appendTime(plan.validity.end)
        bytes.appendDouble(plan.inputTokens)
        bytes.appendDouble(plan.rungs[0].maximumOutput)
        bytes.appendDouble(plan.rungs[0].costAtMaximum ?? -1)
        bytes.append((holding ? 0 : 1) | (plan.frozen ? 2 : 0) | (plan.asksFirstRung ? 4 : 0) | (isSwept ? 8 : 0))
        for count in [plan.rungs.count, plan.counters.count, plan.counters.count - plan.counters.sharedCount, origins] {
            bytes.append(UInt8(count))
        }
        environment.append(to: &bytes)
    }
}

/// A plan as `lua/reserve.lua` reads it.
extension Plan {
    /// The different lists of counters that rungs count: what a hold remembers is sent once for each.
    fileprivate var origins: [[Int]] {
        var lists: [[Int]] = []
        for rung in rungs where !lists.contains(rung.counters) { lists.append(rung.counters) }
        return lists
    }

    /// The counters with what the first rung takes at its most, and the room for it to be a plain answer: the asked model below
    /// soft limits, another one below limits.
    fileprivate func appendPlainCounters(to bytes: inout [UInt8]) {
        let rung = rungs[0]
        for (index, counter) in counters.enumerated() {
            let amount = rung.counters.contains(index) ? rung.most(of: counter.allowance.unit, input: inputTokens) : nil
            bytes.appendDefinition(counter, room: asksFirstRung ? counter.levels.soft : counter.levels.limit, amount: amount)
        }
    }

    /// What `lua/choose.lua` needs when no plain answer fits.
    fileprivate func appendLadder(_ origins: [[Int]], to bytes: inout [UInt8]) {
        bytes.append(UInt8(attempts.count * 2))
        for attempt in attempts {
            bytes.append(UInt8(attempt.rung + 1))
            bytes.append(attempt.bound.rawValue)
        }
        for counter in counters {
            bytes.append(counter.allowance.unit.code)
            bytes.appendDouble(counter.levels.soft)
            bytes.appendDouble(counter.levels.limit)
            bytes.appendDouble(counter.levels.overdraft)
            bytes.appendDouble(counter.levels.grace)
        }
        for rung in rungs { bytes.appendRung(rung, origin: (origins.firstIndex(of: rung.counters) ?? 0) + 1) }
    }
}

extension PlannedRung {
    /// What the longest answer of this rung takes of a unit.
    fileprivate func most(of unit: AllowanceUnit, input: Int64) -> Int64 {
        switch unit {
        case .tokens: input + maximumOutput
        case .inputTokens: input
        case .outputTokens: maximumOutput
        case .usd: costAtMaximum ?? 0
        case .requests, .inFlight: 1
        }
    }
}

extension [UInt8] {
    fileprivate mutating func appendRung(_ rung: PlannedRung, origin: Int) {
        appendDouble(rung.minimumOutput)
        appendDouble(rung.maximumOutput)
        appendDouble(rung.costAtMaximum ?? -1)
        // The cost line split at 1e7, so that the script's doubles stay exact.
        let unit = TokenRate.perMicrocent
        let (whole, part) = (rung.cost?.fixed ?? 0).quotientAndRemainder(dividingBy: Int128(unit))
        appendDouble(Int64(whole))
        appendDouble(Int64(part))
        let (rate, fraction) = (rung.cost?.perOutput ?? 0).quotientAndRemainder(dividingBy: unit)
        appendDouble(rate)
        appendDouble(fraction)
        append(UInt8(rung.counters.count))
        for index in rung.counters { append(UInt8(index + 1)) }
        append(UInt8(origin))
    }
}
