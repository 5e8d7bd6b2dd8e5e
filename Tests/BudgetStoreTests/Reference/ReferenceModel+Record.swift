import BudgetModel

/// A client's key; a user's keys are their own.
struct ReferenceIdempotencyKey: Hashable {
    var user: Identifier
    var key: String
}

enum ReferenceKeyUse {
    case reserve(Int)
    case record(ReferenceRecord, ReferenceRecorded)
}

extension ReferenceModel {
    /// The stored answer to the same request; nil when its key is new, or all trace of it is gone.
    func replay(_ request: ReferenceRequest, at now: Int64) throws(ReferenceRefusal) -> ReferenceDecision? {
        guard let key = request.idempotencyKey else { return nil }
        switch keys[ReferenceIdempotencyKey(user: request.caller.user, key: key)] {
        case nil: return nil
        case .record: throw .idempotencyKeyReused
        case .reserve(let id):
            guard let reservation = try? known(id, at: now) else { return nil }
            guard reservation.request == request else { throw .idempotencyKeyReused }
            guard reservation.state == .open else { throw .reservationEnded }
            var answer = reservation.answer
            answer.replayed = true
            return answer
        }
    }

    /// Books in full what nobody reserved, into every allowance it counts for, whatever the limits say.
    mutating func record(_ record: ReferenceRecord, at now: Int64) throws(ReferenceRefusal) -> ReferenceRecorded {
        expire(at: now)
        let key = ReferenceIdempotencyKey(user: record.caller.user, key: record.idempotencyKey)
        switch keys[key] {
        case .reserve(let id):
            if (try? known(id, at: now)) != nil { throw .idempotencyKeyReused }
        case .record(let earlier, var answer):
            guard earlier == record else { throw .idempotencyKeyReused }
            answer.replayed = true
            answer.allowances = ((try? recordLines(record, at: now)) ?? []).map { state(of: $0, at: now) }
            return answer
        case nil: break
        }
        let lines = try recordLines(record, at: now)
        let actual = try price(record, lines)
        func amount(_ line: ReferenceLine) -> Int64 {
            line.allowance.unit == .requests && record.usage == nil ? 0 : actual.amount(line.allowance.unit)
        }
        for line in lines where line.counter.used + line.counter.held + amount(line) > Self.largestAmount {
            throw .amountTooLarge
        }
        for line in lines {
            var counter = line.counter
            counter.book(amount(line))
            counter.drainLimit = line.limit
            counter.touched = now
            counters[line.key] = counter
        }
        var answer = ReferenceRecorded(charged: actual.amounts)
        answer.allowances = lines.map { state(of: $0, at: now) }
        keys[key] = .record(record, answer)
        return answer
    }

    private func recordLines(_ record: ReferenceRecord, at now: Int64) throws(ReferenceRefusal) -> [ReferenceLine] {
        let model = record.model.map { Self.canonical($0, in: policy.catalogue) }
        return try lines(for: record.caller, model: model, at: now)
    }

    private func price(_ record: ReferenceRecord, _ lines: [ReferenceLine]) throws(ReferenceRefusal) -> ReferenceActual {
        guard let usage = record.usage, let model = record.model else {
            return ReferenceActual(usage: ReferenceUsage(input: 0, output: 0), cost: record.cost)
        }
        if usage.cached + usage.cacheWrite > usage.input { throw .usageInconsistent }
        if usage.input + usage.output > Self.largestAmount { throw .amountTooLarge }
        let name = Self.canonical(model, in: policy.catalogue)
        guard let rates = Self.rates(of: name, record.priceClass, input: usage.input, in: policy.catalogue) else {
            if lines.contains(where: { $0.allowance.unit == .usd }) { throw .unpricedModel }
            return ReferenceActual(usage: usage, cost: nil)
        }
        return ReferenceActual(usage: usage, cost: try rates.cost(usage))
    }
}
