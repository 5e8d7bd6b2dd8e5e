import BudgetModel

/// What a reservation took from one counter, and in which of its windows.
struct ReferenceTaken {
    var key: ReferenceCounterKey
    var start: Int64?
    var amount: Int64
    var stillHeld: Int64
}

/// What a call really used, of every unit.
struct ReferenceActual: Equatable {
    var usage: ReferenceUsage
    var cost: Int64?

    var amounts: ReferenceAmounts { ReferenceAmounts(tokens: usage.input + usage.output, cost: cost) }

    func amount(_ unit: AllowanceUnit) -> Int64 {
        switch unit {
        case .tokens: usage.input + usage.output
        case .inputTokens: usage.input
        case .outputTokens: usage.output
        case .usd: cost ?? 0
        case .requests: 1
        case .inFlight: 0
        }
    }
}

struct ReferenceReservation {
    enum State: String {
        case open, committed, released, expired
    }
    /// A final commit's body and answer.
    struct Outcome {
        var usage: ReferenceUsage?
        var model: Identifier?
        var answer: ReferenceSettlement
    }

    var request: ReferenceRequest
    /// At the reserve.
    var tier: Identifier?
    var model: Identifier
    var grant: Int64
    var held: ReferenceAmounts
    var taken: [ReferenceTaken]
    /// Prices and names of the time of the reserve.
    var catalogue: PriceCatalogue
    var issuedAt: Int64
    var expiresAt: Int64
    var answer: ReferenceDecision
    var state = State.open
    var endedAt: Int64?
    /// Nothing before the first checkpoint or commit.
    var booked: ReferenceActual?
    var outcome: Outcome?
    var release: ReferenceRelease?
}

extension ReferenceModel {
    /// Settles with what was used; `final: false` is a checkpoint with the usage so far.
    mutating func commit(
        _ id: Int, usage: ReferenceUsage?, model: Identifier? = nil, final: Bool = true, at now: Int64
    ) throws(ReferenceRefusal) -> ReferenceSettlement {
        expire(at: now)
        if let usage, usage.cached + usage.cacheWrite > usage.input { throw .usageInconsistent }
        let reservation = try known(id, at: now)
        if let outcome = reservation.outcome {
            guard final, outcome.usage == usage, outcome.model == model else { throw .alreadyCommitted }
            var answer = outcome.answer
            answer.replayed = true
            answer.allowances = heldStates(reservation, at: now)
            return answer
        }
        let (actual, rates, unpriced) = try price(reservation, usage, model)
        let late = reservation.state != .open
        try book(id, actual, at: now)
        if final {
            end(id, as: .committed, at: now)
        } else if !late {
            keepOpen(id, at: now)
        }

        var answer = ReferenceSettlement(
            state: final ? "committed" : late ? reservation.state.rawValue : "active", charged: actual.amounts,
            released: unusedAmounts(reservation, actual), late: late, overHold: isOverHold(reservation, actual),
            estimated: usage == nil, unpriced: unpriced)
        if late || !final { answer.released = ReferenceAmounts(tokens: 0, cost: answer.released.cost.map { _ in 0 }) }
        if final {
            reservations[id]!.outcome = .init(usage: usage, model: model, answer: answer)
        } else {
            answer.stop = shouldStop(id, actual, outputRate: rates?.output ?? 0, at: now)
        }
        answer.allowances = heldStates(reservation, at: now)
        return answer
    }

    /// Gives back what is still held.
    mutating func release(_ id: Int, at now: Int64) throws(ReferenceRefusal) -> ReferenceRelease {
        expire(at: now)
        let reservation = try known(id, at: now)
        switch reservation.state {
        case .committed: throw .alreadyCommitted
        case .expired:
            return ReferenceRelease(
                state: "expired", released: ReferenceAmounts(tokens: 0, cost: reservation.held.cost.map { _ in 0 }))
        case .released:
            var again = reservation.release!
            again.replayed = true
            return again
        case .open:
            let answer = ReferenceRelease(state: "released", released: unusedAmounts(reservation, reservation.booked))
            end(id, as: .released, at: now)
            reservations[id]!.release = answer
            return answer
        }
    }

    /// The new expiry.
    mutating func extend(_ id: Int, ttl: Int64, at now: Int64) throws(ReferenceRefusal) -> Int64 {
        expire(at: now)
        guard try known(id, at: now).state == .open else { throw .reservationEnded }
        reservations[id]!.expiresAt = now + ttl
        return now + ttl
    }

    // MARK: What is known

    /// The reservation, unless its outcome has been forgotten.
    func known(_ id: Int, at now: Int64) throws(ReferenceRefusal) -> ReferenceReservation {
        guard let reservation = reservations[id] else { throw .unknownReservation }
        guard let endedAt = reservation.endedAt else { return reservation }
        let kept = reservation.state == .committed ? settledRetention : endedRetention
        guard now - endedAt >= kept else { return reservation }
        throw now - reservation.issuedAt > settledRetention ? .reservationGone : .unknownReservation
    }

    /// The allowances a reservation was held against that present policy still has.
    private func heldStates(_ reservation: ReferenceReservation, at now: Int64) -> [ReferenceState] {
        heldLines(reservation, at: now).map { state(of: $0, at: now) }
    }

    /// Under the user's tier (ops' word, else that of the reserve); what only another tier has shows as that tier says.
    private func heldLines(_ reservation: ReferenceReservation, at now: Int64) -> [ReferenceLine] {
        let user = reservation.request.caller.user
        let tier = assignments[user]?.tier ?? reservation.tier
        return reservation.taken.compactMap { taken in
            let others = policy.tiers.sorted { $0.key.text < $1.key.text }.flatMap(\.value.allowances)
            let candidates = policy.allowances + (tier.flatMap { policy.tiers[$0] }?.allowances ?? []) + others
            let found = candidates.first { allowance in
                allowance.name == taken.key.name && allowance.unit == taken.key.unit && allowance.window == taken.key.window
                    && allowance.timeZone == taken.key.zone && allowance.per == taken.key.per
            }
            return found.map { line($0, taken.key.values, user, grace: 0, now) }
        }
    }

    // MARK: What it cost

    /// By the model really called, where that has a price; otherwise by the model held.
    private func price(_ reservation: ReferenceReservation, _ usage: ReferenceUsage?, _ model: Identifier?)
        throws(ReferenceRefusal) -> (ReferenceActual, ReferenceRates?, unpriced: Bool)
    {
        let usage = usage ?? ReferenceUsage(input: reservation.request.inputTokens, output: 0)
        if usage.input + usage.output > Self.largestAmount { throw .amountTooLarge }
        func rates(_ model: Identifier) -> ReferenceRates? {
            Self.rates(of: model, reservation.request.priceClass, input: usage.input, in: reservation.catalogue)
        }
        var found = model.flatMap { rates(Self.canonical($0, in: reservation.catalogue)) }
        var unpriced = false
        if found == nil {
            found = rates(reservation.model)
            unpriced = model != nil || found == nil
        }
        guard let found else { return (ReferenceActual(usage: usage, cost: nil), nil, unpriced) }
        return (ReferenceActual(usage: usage, cost: try found.cost(usage)), found, unpriced)
    }

    private func unusedAmounts(_ reservation: ReferenceReservation, _ actual: ReferenceActual?) -> ReferenceAmounts {
        let tokens = max(0, reservation.held.tokens - (actual?.amounts.tokens ?? 0))
        guard let held = reservation.held.cost else { return ReferenceAmounts(tokens: tokens, cost: nil) }
        return ReferenceAmounts(tokens: tokens, cost: max(0, held - (actual?.cost ?? 0)))
    }

    private func isOverHold(_ reservation: ReferenceReservation, _ actual: ReferenceActual) -> Bool {
        if actual.amounts.tokens > reservation.held.tokens { return true }
        if let cost = actual.cost, let held = reservation.held.cost, cost > held { return true }
        return reservation.taken.contains { actual.amount($0.key.unit) > $0.amount }
    }

    // MARK: Booking

    /// Books the difference to what was booked before, into the windows it was held in; one that is over stays as it was.
    private mutating func book(_ id: Int, _ actual: ReferenceActual, at now: Int64) throws(ReferenceRefusal) {
        let reservation = reservations[id]!
        for taken in reservation.taken {
            let more = actual.amount(taken.key.unit) - (reservation.booked?.amount(taken.key.unit) ?? 0)
            guard let counter = counter(taken, at: now) else { continue }
            if counter.used + counter.held - taken.stillHeld + more > Self.largestAmount { throw .amountTooLarge }
        }
        for taken in reservation.taken {
            guard var counter = counter(taken, at: now) else { continue }
            counter.book(actual.amount(taken.key.unit) - (reservation.booked?.amount(taken.key.unit) ?? 0))
            counter.touched = now
            counters[taken.key] = counter
        }
        reservations[id]!.booked = actual
    }

    /// The counter something was taken from, drained, if it is still in the same window.
    private func counter(_ taken: ReferenceTaken, at now: Int64) -> ReferenceCounter? {
        guard let counter = live(taken.key, at: now), counter.start == taken.start else { return nil }
        return counter
    }

    /// Frees what is still held and closes the reservation; closed ones hold nothing.
    mutating func end(_ id: Int, as state: ReferenceReservation.State, at time: Int64) {
        hold(id, at: time) { _ in 0 }
        reservations[id]!.state = state
        reservations[id]!.endedAt = time
    }

    /// Holds on to what is not booked yet, for another time to live.
    private mutating func keepOpen(_ id: Int, at now: Int64) {
        let booked = reservations[id]!.booked!
        hold(id, at: now) { max(0, $0.amount - booked.amount($0.key.unit)) }
        reservations[id]!.expiresAt = now + reservations[id]!.request.ttl
    }

    /// Changes what is held of every counter taken from.
    private mutating func hold(_ id: Int, at time: Int64, _ amount: (ReferenceTaken) -> Int64) {
        for (place, taken) in reservations[id]!.taken.enumerated() {
            let amount = amount(taken)
            reservations[id]!.taken[place].stillHeld = amount
            guard amount != taken.stillHeld, counters[taken.key]?.start == taken.start else { continue }
            counters[taken.key]!.held += amount - taken.stillHeld
            counters[taken.key]!.touched = max(counters[taken.key]!.touched, time)
        }
    }

    private func shouldStop(_ id: Int, _ actual: ReferenceActual, outputRate: Int64, at now: Int64) -> Bool {
        let reservation = reservations[id]!
        if actual.usage.output >= reservation.grant { return true }
        if assignments[reservation.request.caller.user]?.frozen == true { return true }
        return heldLines(reservation, at: now).contains { line in
            let taken = reservation.taken.first { $0.key == line.key }!
            let growsWithOutput =
                switch line.allowance.unit {
                case .tokens, .outputTokens: true
                case .usd: outputRate > 0
                case .inputTokens, .requests, .inFlight: false
                }
            guard growsWithOutput, !line.allowance.shadow, let counter = counter(taken, at: now) else { return false }
            return taken.stillHeld == 0 && line.limit - counter.used - counter.held <= 0
        }
    }
}
