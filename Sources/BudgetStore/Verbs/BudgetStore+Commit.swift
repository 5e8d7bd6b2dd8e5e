package import BudgetModel
import BudgetScripts

/// `POST /v1/commit`: books what was really used, at the rates of the reserve. Checkpoints are commits that are not final.
extension BudgetStore {
    /// - Parameter environment: the environment an app key is bound to: others' reservations do not exist for it.
    package func commit(
        _ request: consuming CommitRequest, environment: EnvironmentTag?, _ answer: @escaping Answer<Settlement>
    ) {
        guard watch.isWhole else { return answer(.failure(watch.refusal)) }
        guard let id = known(request.reservation, environment) else { return answer(.failure(.unknownReservation)) }
        let call = CommitCall(request, id)
        catalogue(id.priceVersion) { [self] result in
            switch result {
            case .failure(let error): answer(.failure(error))
            case .success(let catalogue): settle(call, PricedUsage(call.request, id, catalogue), answer)
            }
        }
    }

    private func settle(_ call: CommitCall, _ priced: PricedUsage?, _ answer: @escaping Answer<Settlement>) {
        guard let priced else { return answer(.failure(.amountTooLarge)) }
        run(.commit, keys: 4) { arguments in
            arguments.appendKeys(of: call.id)
            arguments.appendStream(of: call.id.user)
            arguments.append { call.id.seal.append(to: &$0) }
            arguments.append { bytes in
                bytes.append(double: priced.usage.inputTokens)
                bytes.append(double: priced.usage.outputTokens)
                bytes.append(double: priced.cost ?? -1)
                bytes.append(call.request.final ? 1 : 0)
                bytes.append(priced.flags.rawValue)
            }
            arguments.append(call.request.fingerprint)
            arguments.append(String(settledRetention))
            arguments.append { SettlementNote(call.request, priced).append(to: &$0) }
        } _: { [self] result in
            answer(
                result.flatMap { bytes in
                    settlement(bytes, call.id) { report, states in
                        tally.committed(report, final: call.request.final)
                        let state = Settlement.State(report.hold.state)
                        var settlement = Settlement(
                            state, charged: report.hold.booked, released: report.hold.freed, expiresAt: report.hold.expires,
                            allowances: states)
                        settlement.take(report)
                        settlement.stop = state == .active && shouldStop(report, states, priced, call.id)
                        return settlement
                    }
                })
        }
    }

    /// Whether a stream should end: its output has reached the grant, the user was frozen, or a unit that output takes has
    /// nothing left, neither held here nor in the allowance.
    private func shouldStop(_ report: HoldReport, _ states: [AllowanceState], _ priced: PricedUsage, _ id: ReservationID) -> Bool {
        let hold = report.hold
        if hold.bookedOutput >= hold.output || assignment(of: id.user).frozen { return true }
        return states.contains { state in
            guard !state.shadow, state.remaining == 0 else { return false }
            switch state.unit {
            case .tokens: return hold.bookedInput + hold.bookedOutput >= hold.input + hold.output
            case .outputTokens: return hold.bookedOutput >= hold.output
            case .usd: return priced.outputCosts && hold.bookedCost ?? 0 >= hold.cost ?? 0
            case .inputTokens, .requests, .inFlight: return false
            }
        }
    }
}

/// One commit on its way. A reference, for it travels through several closures.
private final class CommitCall {
    let request: CommitRequest
    let id: ReservationID

    init(_ request: consuming CommitRequest, _ id: ReservationID) {
        self.request = request
        self.id = id
    }
}

/// A commit's usage with its cost, at the rates of the reservation.
struct PricedUsage {
    var usage: Usage
    /// Microcents; nil without a price.
    var cost: Int64?
    var flags: SettlementFlags = []
    /// What was called and charged, by the catalogue's name, where that is not the model held.
    var model: Identifier?
    /// Whether another output token would cost anything.
    var outputCosts = false

    /// nil when the cost passes 2^53 - 1.
    init?(_ request: borrowing CommitRequest, _ id: borrowing ReservationID, _ catalogue: PriceCatalogue) {
        usage = request.usage ?? Usage(inputTokens: id.inputTokens, outputTokens: 0)
        if request.usage == nil { flags.insert(.estimated) }
        if usage.totalMismatch { flags.insert(.usageMismatch) }
        var price = catalogue.price(of: id.model)
        if let called = request.model {
            let canonical = catalogue.canonical(called)
            if let known = catalogue.price(of: canonical) {
                price = known
                if canonical != id.model { model = canonical }
            } else {
                flags.insert(.unpriced)
            }
        }
        guard let rates = price?.resolved(id.priceClass, input: usage.inputTokens) else {
            flags.insert(.unpriced)
            return
        }
        outputCosts = rates.line(input: 0).perOutput > 0
        guard let cost = rates.cost(of: usage) else { return nil }
        self.cost = cost
    }
}

extension HoldRecord {
    /// What a commit gave back of the hold: nothing when it came late, for then nothing was held any more.
    var freed: Charge { state == .committed && !flags.contains(.late) ? held.less(booked) : nothing }

    /// What the release gave back, whatever a late checkpoint booked since.
    var released: Charge {
        guard state == .released else { return nothing }
        var reader = Unpacker(settlement)
        return Charge(tokens: reader.double(), cost: cost.map { _ in reader.double() })
    }

    private var nothing: Charge { Charge(tokens: 0, cost: cost.map { _ in 0 }) }
}

extension Settlement.State {
    init(_ state: HoldRecord.State) {
        switch state {
        case .open: self = .active
        case .committed, .recorded: self = .committed
        case .released: self = .released
        case .expired: self = .expired
        }
    }
}

extension Settlement {
    mutating func take(_ report: HoldReport) {
        let flags = report.hold.flags
        replayed = report.replayed
        late = flags.contains(.late)
        overHold = flags.contains(.overHold)
        estimated = flags.contains(.estimated)
        unpriced = flags.contains(.unpriced)
        usageMismatch = flags.contains(.usageMismatch)
    }
}
