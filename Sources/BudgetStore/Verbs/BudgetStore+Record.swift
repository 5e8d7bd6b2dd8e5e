package import BudgetModel
import BudgetScripts

/// `POST /v1/record`: books usage that had no reserve, once per idempotency key.
extension BudgetStore {
    /// How long a record's idempotency key is known at least, milliseconds: what is retried from a queue may come hours later.
    private static var recordRetention: Int64 { 86_400_000 }

    package func record(_ request: RecordRequest, _ answer: @escaping Answer<Settlement>) {
        guard planner != nil else { return answer(.failure(withoutPolicy)) }
        guard watch.isWhole else { return answer(.failure(watch.refusal)) }
        let user = request.attribution.user
        book(request, assignment(of: user), at: now, plansLeft: connection.limits.replans, answer)
    }

    private func book(
        _ request: RecordRequest, _ assignment: Assignment, at time: Int64, plansLeft: Int, _ answer: @escaping Answer<Settlement>
    ) {
        let plan: RecordPlan
        do throws(PlanError) {
            plan = try withPlanner { (planner) throws(PlanError) in try RecordPlan(request, assignment, &planner, now: time) }
        } catch {
            guard error != .noPolicy, plansLeft > 0 else { return unplannable(request, error, answer) }
            return fetchAssignment(of: request.attribution.user) { [self] result in
                switch result {
                case .failure(let failure): answer(.failure(failure))
                case .success(let current) where current != assignment:
                    book(request, current, at: now, plansLeft: plansLeft - 1, answer)
                case .success: unplannable(request, error, answer)
                }
            }
        }
        let attribution = KnownAttribution(plan.attribution(of: request))
        leaveInAnyCase(attribution)
        run(
            .record, keys: 3 + plan.counters.sharedCount,
            { plan.fill(&$0, request, assignment, attribution.digest, max(settledRetention, Self.recordRetention)) }
        ) { [self] result in
            switch result {
            case .failure(let error): answer(.failure(error))
            case .success(let bytes) where bytes.first == UInt8(ascii: "s"):
                guard plansLeft > 0 else { return answer(.failure(.unsettled)) }
                tally.staleReplans += 1
                var reader = Unpacker(Array(bytes.dropFirst()))
                let truth = reader.time()
                guard let current = learn(reader.bytes(Int(reader.unsigned(4))), of: request.attribution.user) else {
                    return answer(.failure(.store(.corrupt("the user's assignment cannot be read"))))
                }
                observe(storeTime: truth)
                book(request, current, at: truth, plansLeft: plansLeft - 1, answer)
            case .success(let bytes): answer(booked(bytes, request))
            }
        }
    }

    /// A policy edit may have made unplannable what was booked before it: a repeat still gets its answer.
    private func unplannable(_ request: RecordRequest, _ error: PlanError, _ answer: @escaping Answer<Settlement>) {
        guard error != .noPolicy else { return answer(.failure(.plan(error))) }
        let nonce = NonceSource.named(request.idempotencyKey)
        inspect(request.attribution.user, nonce: nonce, fingerprint: request.fingerprint) { [self] result in
            switch result {
            case .success(let report): answer(booked(report, request))
            case .failure(.unknownReservation): answer(.failure(.plan(error)))
            case .failure(let failure): answer(.failure(failure))
            }
        }
    }

    private func booked(_ bytes: [UInt8], _ request: RecordRequest) -> Result<Settlement, BudgetError> {
        var reader = Unpacker(bytes)
        switch reader.byte() {
        case UInt8(ascii: "m"): return .failure(.idempotencyKeyReused)
        case UInt8(ascii: "o"): return .failure(.amountTooLarge)
        default:
            guard let report = HoldReport(&reader, &origins) else {
                return .failure(.store(.corrupt("the record script's answer cannot be read")))
            }
            return booked(report, request)
        }
    }

    private func booked(_ report: HoldReport, _ request: RecordRequest) -> Result<Settlement, BudgetError> {
        guard let states = states(of: report, user: request.attribution.user) else {
            return .failure(.store(.corrupt("the user's assignment cannot be read")))
        }
        tally.recorded(report)
        var settlement = Settlement(
            .committed, charged: report.hold.booked, released: Charge(tokens: 0, cost: nil), expiresAt: report.hold.expires,
            allowances: states)
        settlement.take(report)
        return .success(settlement)
    }
}

/// What a record books and where.
private struct RecordPlan {
    var tier: Identifier
    /// The catalogue's name; nil for what is not counted in tokens.
    let canonical: Identifier?
    let prices: PriceVersion
    var counters: [PlannedCounter]
    var validity: WindowBounds
    var input: Int64 = 0
    var output: Int64 = 0
    var cost: Int64?
    var requests: Int64 = 0
    var flags: SettlementFlags = []

    init(_ request: RecordRequest, _ assignment: Assignment, _ planner: inout Planner, now: Int64) throws(PlanError) {
        let catalogue = planner.snapshot.catalogue
        prices = planner.snapshot.priceVersion
        if case .tokens(_, let model) = request.what { canonical = catalogue.canonical(model) } else { canonical = nil }
        (tier, counters, validity) = try planner.counters(for: request.attribution, model: canonical, assignment, now: now)
        switch request.what {
        case .cost(let microcents, _): cost = microcents
        case .tokens(let usage, let model):
            input = usage.inputTokens
            output = usage.outputTokens
            requests = 1
            if usage.totalMismatch { flags.insert(.usageMismatch) }
            guard let rates = canonical.flatMap(catalogue.price(of:))?.resolved(request.priceClass, input: input) else {
                if let blind = counters.first(where: { $0.allowance.bindsMoney }) {
                    throw .unpricedModel(model, allowance: blind.allowance.name)
                }
                flags.insert(.unpriced)
                return
            }
            guard let exact = rates.cost(of: usage) else { throw .amountTooLarge(field: "usage") }
            cost = exact
        }
    }

    func attribution(of request: RecordRequest) -> AttributionRecord {
        var asked: Identifier?
        if case .tokens(_, let model) = request.what { asked = model }
        var record = AttributionRecord(request.attribution, tier: tier, modelAsked: asked, request.priceClass, prices)
        if let asked, let canonical { record.rungs = [AttributionRecord.Rung(model: asked, canonical: canonical)] }
        return record
    }

    /// KEYS and ARGV of `lua/record.lua`.
    func fill(
        _ arguments: inout Command, _ request: RecordRequest, _ assignment: Assignment, _ attribution: AttributionDigest,
        _ retention: Int64
    ) {
        let user = request.attribution.user
        arguments.append(Keys.user(user))
        arguments.append(Keys.reservation(user, nonce: NonceSource.named(request.idempotencyKey)))
        arguments.appendStream(of: user)
        arguments.appendSharedKeys(counters)
        arguments.append { $0.appendRevision(assignment.revision) }
        arguments.append { header(&$0, EnvironmentTag(request.attribution.environment)) }
        arguments.append(request.fingerprint)
        arguments.append(tier.text)
        arguments.append { bytes in
            for counter in counters {
                bytes.appendDefinition(counter, room: Amount.maximum, amount: amount(of: counter.allowance.unit))
            }
        }
        arguments.append { SettlementNote(request).append(to: &$0) }
        arguments.append { RequestNote(request, attribution).append(to: &$0) }
        arguments.appendFields(counters)
        arguments.append { Origin.append(tier: tier, Array(counters.indices), of: counters, to: &$0) }
        arguments.append(String(retention))
    }

    private func header(_ bytes: inout ByteWriter, _ environment: EnvironmentTag) {
        bytes.append(double: input)
        bytes.append(double: output)
        bytes.append(double: cost ?? -1)
        bytes.append(UInt8(requests))
        bytes.append(time: validity.start)
        bytes.append(time: validity.end)
        bytes.append(flags.rawValue)
        bytes.append(UInt8(counters.count))
        bytes.append(UInt8(counters.count - counters.sharedCount))
        environment.append(to: &bytes)
    }

    private func amount(of unit: AllowanceUnit) -> Int64 {
        switch unit {
        case .tokens: input + output
        case .inputTokens: input
        case .outputTokens: output
        case .usd: cost ?? 0
        case .requests: requests
        case .inFlight: 0
        }
    }
}
