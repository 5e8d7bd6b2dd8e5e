package import BudgetModel
import BudgetScripts
import NIOCore

/// `POST /v1/reserve` and `/v1/check`: plan, ask the script, read its verdict; plan anew when the store knows better.
extension BudgetStore {
    /// - Parameter holding: false asks what a reserve would answer and holds nothing.
    package func reserve(_ request: consuming ReserveRequest, holding: Bool = true, _ answer: @escaping Answer<Decision>) {
        guard connection.admits() else { return refuse(answer) }
        guard planner != nil else { return answer(.failure(withoutPolicy)) }
        guard watch.isWhole else { return answer(.failure(watch.refusal)) }
        let nonce = request.idempotencyKey.map(NonceSource.named) ?? nextNonce()
        let call = ReserveCall(request, holding: holding, nonce: nonce, plansLeft: connection.limits.replans)
        attempt(call, assignment(of: call.request.attribution.user), at: now, answer)
    }

    private func refuse(_ answer: @escaping Answer<Decision>) {
        let answer = NIOLoopBound(answer, eventLoop: connection.loop)
        connection.loop.scheduleTask(in: connection.limits.refusalDelay) { answer.value(.failure(.store(.overloaded))) }
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
        let encoded = EncodedPlan.of(plan)
        let attribution = encoded.attribution(plan, of: call, prices)
        if call.holding { leave(attribution) }
        run(
            .reserve, keys: 3 + encoded.sharedCount,
            { encoded.write(plan, of: call, prices, attribution.digest, to: &$0) }
        ) { [self] result in
            switch result {
            case .failure(let error): answer(.failure(error))
            case .success(let bytes): verdict(bytes, call, plan, prices, attribution, answer)
            }
        }
    }

    private func verdict(
        _ bytes: [UInt8], _ call: ReserveCall, _ plan: Plan, _ prices: PriceVersion, _ attribution: KnownAttribution,
        _ answer: @escaping Answer<Decision>
    ) {
        var reader = Unpacker(bytes)
        let letter = reader.byte()
        switch letter {
        case UInt8(ascii: "m"): answer(.failure(.idempotencyKeyReused))
        case UInt8(ascii: "p"): replay(call, answer)
        case UInt8(ascii: "d"): sweepThenRetry(call, answer)
        case UInt8(ascii: "s"): replan(&reader, call, plan, answer)
        default:
            let time = reader.time()
            guard let decision = ReserveVerdict.decision(letter, at: time, &reader, call, plan, prices) else {
                return answer(.failure(.store(.corrupt("the reserve script's answer cannot be read"))))
            }
            observe(storeTime: time)
            answer(.success(decision))
            guard call.holding else { return }
            count(decision, of: plan)
            if attributionsLeft.hasRefused, decision.reservation != nil { leaveInAnyCase(attribution) }
            if plan.skeleton.countsInShadow { countShadows(decision, plan) }
        }
    }

    /// Holds that are over but not yet swept stand in the way of an allow: end them, then ask once more.
    private func sweepThenRetry(_ call: ReserveCall, _ answer: @escaping Answer<Decision>) {
        sweep(partition: Keys.partition(of: call.request.attribution.user)) { [self] result in
            switch result {
            case .failure(let error): answer(.failure(error))
            case .success:
                call.isSwept = true
                attempt(call, assignment(of: call.request.attribution.user), at: now, answer)
            }
        }
    }

    /// The plan's time, assignment or window starts were not the store's: plan again with the truth it sent.
    private func replan(_ reader: inout Unpacker, _ call: ReserveCall, _ plan: Plan, _ answer: @escaping Answer<Decision>) {
        guard call.plansLeft > 0 else { return answer(.failure(.unsettled)) }
        tally.staleReplans += 1
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
                call.plansLeft -= 1
                attempt(call, current, at: now, answer)
            }
        }
    }

    func fetchAssignment(of user: Identifier, _ answer: @escaping Answer<Assignment>) {
        var command = Command("HGET")
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
                    tally.replayed(.reserve)
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
                        guard let report = HoldReport(&reader, &self.origins) else {
                            return .failure(.store(.corrupt("the reservation cannot be read")))
                        }
                        return .success(report)
                    }
                })
        }
    }
}

/// One reserve or check on its way: what stays the same however often it is planned.
final class ReserveCall {
    let request: ReserveRequest
    let holding: Bool
    let nonce: [UInt8]
    /// Empty without an idempotency key.
    let fingerprint: [UInt8]
    var isSwept = false
    var plansLeft: Int

    init(_ request: consuming ReserveRequest, holding: Bool, nonce: [UInt8], plansLeft: Int) {
        fingerprint = holding && request.idempotencyKey != nil ? request.fingerprint : []
        self.request = request
        self.holding = holding
        self.nonce = nonce
        self.plansLeft = plansLeft
    }

    var environment: EnvironmentTag { EnvironmentTag(request.attribution.environment) }
}
