import BudgetModel

/// What of a plan's arguments to `lua/reserve.lua` is the same for every request of its skeleton, in RESP.
final class EncodedPlan {
    let sharedCount: Int
    private let sharedKeys: Command
    private let tier: Command
    /// Definitions of the counters, and where in them each amount stands.
    private let counters: [UInt8]
    private let amounts: [(counter: PlannedCounter, offset: Int)]
    /// The ladder's attempts and counters, without its rungs.
    private let ladder: [UInt8]
    /// The number of each rung's origin, from 1.
    private let originNumbers: [UInt8]
    private let otherOrigins: Int
    /// What a hold of the first rung remembers.
    private let firstOrigin: [UInt8]
    /// Fields of the user's own counters, then the origins of other rungs where they are not the first one's.
    private let fieldsAndOrigins: Command
    /// Names of the counters' allowances.
    private let names: Command
    /// Attributions of the requests that have met this plan, the latest last.
    private var attributions: [(of: RequestKind, known: KnownAttribution)] = []
    /// Teams and plans that no allowance looks at may be many.
    private static let rememberedAttributions = 16

    /// That of the plan's skeleton, unless the plan leaves models of it out.
    static func of(_ plan: Plan) -> EncodedPlan {
        if plan.isWhole, let known = plan.skeleton.encoded { return unsafeDowncast(known, to: EncodedPlan.self) }
        let made = EncodedPlan(plan)
        if plan.isWhole { plan.skeleton.encoded = made }
        return made
    }

    private init(_ plan: Plan) {
        var sharedKeys = Command()
        sharedKeys.appendSharedKeys(plan.counters)
        var tier = Command()
        tier.append(plan.tier.text)
        var rest = Command()
        rest.appendFields(plan.counters)
        // The different lists of counters that rungs count: what a hold remembers is sent once for each.
        var origins: [[Int]] = []
        for rung in plan.rungs where !origins.contains(rung.counters) { origins.append(rung.counters) }
        let firstOrigin = ByteWriter.bytes { Origin.append(tier: plan.tier, origins[0], of: plan.counters, to: &$0) }
        for origin in origins.dropFirst() { rest.append { Origin.append(tier: plan.tier, origin, of: plan.counters, to: &$0) } }
        var names = Command()
        for counter in plan.counters { names.append(counter.key.name.text) }
        var counters = ByteWriter()
        var amounts: [(PlannedCounter, Int)] = []
        for (index, counter) in plan.counters.enumerated() {
            // The room for a plain answer: the asked model below soft limits, another one below limits.
            let room = plan.asksFirstRung ? counter.levels.soft : counter.levels.limit
            if plan.rungs[0].counters.contains(index) { amounts.append((counter, counters.count + ByteWriter.amountOffset)) }
            counters.appendDefinition(counter, room: room, amount: nil)
        }
        self.sharedKeys = sharedKeys
        self.tier = tier
        self.counters = counters.bytes
        self.amounts = amounts
        self.names = names
        sharedCount = plan.counters.sharedCount
        ladder = Self.ladder(plan)
        originNumbers = plan.rungs.map { UInt8((origins.firstIndex(of: $0.counters) ?? 0) + 1) }
        otherOrigins = origins.count - 1
        self.firstOrigin = firstOrigin
        fieldsAndOrigins = rest
    }

    private static func ladder(_ plan: Plan) -> [UInt8] {
        var bytes = ByteWriter()
        bytes.append(UInt8(plan.attempts.count * 2))
        for attempt in plan.attempts { bytes.append([UInt8(attempt.rung + 1), attempt.bound.rawValue]) }
        for counter in plan.counters {
            bytes.append(counter.allowance.unit.code)
            bytes.append(double: counter.levels.soft)
            bytes.append(double: counter.levels.limit)
            bytes.append(double: counter.levels.overdraft)
            bytes.append(double: counter.levels.grace)
        }
        return bytes.bytes
    }

    /// What the ledger is to know of the request that many others share.
    func attribution(_ plan: Plan, of call: ReserveCall, _ prices: PriceVersion) -> KnownAttribution {
        let kind = RequestKind(call.request)
        if let last = attributions.last, last.of == kind { return last.known }
        if let known = attributions.first(where: { $0.of == kind }) { return known.known }
        var record = AttributionRecord(
            call.request.attribution, tier: plan.tier, modelAsked: call.request.model, call.request.priceClass, prices)
        record.asksFirstRung = plan.asksFirstRung
        record.rungs = plan.rungs.map { AttributionRecord.Rung(model: $0.model, canonical: $0.canonical) }
        if attributions.count >= Self.rememberedAttributions { attributions.removeAll(keepingCapacity: true) }
        let known = KnownAttribution(record)
        attributions.append((kind, known))
        return known
    }

    /// KEYS and ARGV of `lua/reserve.lua`.
    func write(
        _ plan: Plan, of call: ReserveCall, _ prices: PriceVersion, _ attribution: AttributionDigest, to command: inout Command
    ) {
        command.appendKeys(plan.user, nonce: call.nonce)
        command.append(contentsOf: sharedKeys)
        command.append { $0.appendRevision(plan.revision) }
        command.append(length: 31) { header(plan, call, &$0) }
        command.append(call.fingerprint)
        command.append(contentsOf: tier)
        command.append(length: counters.count) { bytes in
            let start = bytes.count
            bytes.append(counters)
            for (counter, offset) in amounts {
                bytes.replace(at: start + offset, double: plan.rungs[0].most(of: counter.allowance.unit, input: plan.inputTokens))
            }
        }
        command.append(length: ladder.count + plan.rungs.reduce(0) { $0 + $1.encodedLength }) { bytes in
            bytes.append(ladder)
            for index in plan.rungs.indices { bytes.appendRung(plan.rungs[index], origin: originNumbers[index]) }
        }
        let tickets = call.fingerprint.isEmpty ? [] : Self.tickets(plan, prices)
        command.append { draft(plan, call, attribution, tickets.first, &$0) }
        command.append(contentsOf: fieldsAndOrigins)
        guard !tickets.isEmpty else { return }
        for ticket in tickets { command.append(ticket) }
        command.append(contentsOf: names)
    }

    private static func tickets(_ plan: Plan, _ prices: PriceVersion) -> [[UInt8]] {
        plan.rungs.enumerated().map { StoredAnswer.ticket($1, isAsked: plan.asksFirstRung && $0 == 0, prices) }
    }

    private func draft(
        _ plan: Plan, _ call: ReserveCall, _ attribution: AttributionDigest, _ ticket: [UInt8]?, _ bytes: inout ByteWriter
    ) {
        let rung = plan.rungs[0]
        let draft = HoldDraft(
            input: plan.inputTokens, output: rung.maximumOutput, cost: rung.costAtMaximum, origin: firstOrigin,
            timeToLive: call.request.timeToLive, reason: plan.plainReason, fingerprint: call.fingerprint)
        draft.append(
            to: &bytes, note: { RequestNote(call.request, attribution).append(to: &$0) },
            answer: ticket.map { StoredAnswer.plain(plan.plainReason, $0) } ?? [])
    }

    private func header(_ plan: Plan, _ call: ReserveCall, _ bytes: inout ByteWriter) {
        bytes.append(time: call.request.timeToLive)
        bytes.append(time: plan.validity.start)
        bytes.append(time: plan.validity.end)
        bytes.append((call.holding ? 0 : 1) | (plan.frozen ? 2 : 0) | (plan.asksFirstRung ? 4 : 0) | (call.isSwept ? 8 : 0))
        bytes.append(UInt8(plan.rungs.count))
        bytes.append(UInt8(plan.counters.count))
        bytes.append(UInt8(plan.counters.count - sharedCount))
        bytes.append(UInt8(otherOrigins))
        call.environment.append(to: &bytes)
    }
}

/// What of a request's attribution its plan does not already say.
private struct RequestKind: Equatable {
    let priceClass: PriceClass
    let team: Identifier?
    let environment: Identifier?
    let plan: Identifier?

    init(_ request: borrowing ReserveRequest) {
        priceClass = request.priceClass
        team = request.attribution.team
        environment = request.attribution.environment
        plan = request.attribution.plan
    }
}

extension Plan {
    /// The reserve script's number for why the first rung is held at its most: no reason, or the limit that moved the user off the
    /// model asked for.
    var plainReason: UInt8 { asksFirstRung ? 0 : 5 }
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

    fileprivate var encodedLength: Int { 58 + counters.count }
}

extension ByteWriter {
    fileprivate mutating func appendRung(_ rung: PlannedRung, origin: UInt8) {
        append(double: rung.minimumOutput)
        append(double: rung.maximumOutput)
        append(double: rung.costAtMaximum ?? -1)
        // The cost line split at 1e7, so that the script's doubles stay exact.
        let unit = TokenRate.perMicrocent
        let (whole, part) = (rung.cost?.fixed ?? 0).quotientAndRemainder(dividingBy: Int128(unit))
        append(double: Int64(whole))
        append(double: Int64(part))
        let (rate, fraction) = (rung.cost?.perOutput ?? 0).quotientAndRemainder(dividingBy: unit)
        append(double: rate)
        append(double: fraction)
        append(UInt8(rung.counters.count))
        for index in rung.counters { append(UInt8(index + 1)) }
        append(origin)
    }
}
