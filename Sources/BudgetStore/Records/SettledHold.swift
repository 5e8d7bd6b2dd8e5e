import BudgetModel

/// A settlement as its event tells it: what was booked before, what is booked now, and where.
struct SettledHold: Sendable {
    private let user: Identifier
    private let member: [UInt8]
    let note: RequestNote
    private let said: SettlementNote
    /// As it was before; of a record as it was made.
    private let hold: HoldRecord
    private let isRecord: Bool
    // What is booked now.
    private let input: Int64
    private let output: Int64
    private let cost: Int64?
    private let requests: Int64
    private let flags: SettlementFlags
    /// What counters moved by that did not move by what was booked, by their number from 1.
    private let strays: [Int: Int64]

    /// Reads what follows kind and time.
    init?(_ reader: inout Unpacker, _ fields: EventFields, isRecord: Bool, _ origins: inout OriginMemory) {
        self.isRecord = isRecord
        input = reader.double()
        output = reader.double()
        let cost = reader.double()
        self.cost = cost < 0 ? nil : cost
        requests = Int64(reader.byte())
        flags = SettlementFlags(rawValue: reader.byte())
        reader.skip(Int(reader.byte()))
        reader.skip(Int(reader.unsigned(2)))
        member = Keys.member(reservationKey: fields.key)
        let told = fields.said
        var moved = Unpacker(fields.strays)
        var strays: [Int: Int64] = [:]
        while !moved.isAtEnd, !moved.isBroken { strays[Int(moved.unsigned(2))] = moved.double() }
        self.strays = strays
        let amounts = [input, output, cost].allSatisfy { $0 <= Amount.maximum } && input >= 0 && output >= 0
        guard amounts, !moved.isBroken, let user = Keys.user(member: member),
            let hold = HoldRecord(fields.record, &origins, noted: true),
            let note = RequestNote(hold.note), let said = SettlementNote(told.isEmpty ? hold.said : told)
        else { return nil }
        (self.user, self.hold, self.note, self.said) = (user, hold, note, said)
    }

    /// What this event alone added. A record's own record tells what it booked, and nothing was booked before.
    private var added: Movement {
        guard !isRecord else { return Movement(input: input, output: output, cost: cost ?? 0, requests: requests) }
        return Movement(
            input: input - hold.bookedInput, output: output - hold.bookedOutput, cost: (cost ?? 0) - (hold.bookedCost ?? 0),
            requests: requests - Int64(hold.requests))
    }

    func event(_ id: EventID, _ kind: LedgerEvent.Kind, at time: Int64, _ known: AttributionRecord?) -> LedgerEvent {
        var event = LedgerEvent(
            id: id, kind: kind, settledAt: time, reservedAt: hold.seal.issued, attribution: attribution(known))
        event.reservation = String(decoding: member, as: UTF8.self)
        name(&event, known)
        if !isRecord { decide(&event) }
        event.usage = said.usage
        event.usage.inputTokens = input
        event.usage.outputTokens = output
        event.usage.totalMismatch = flags.contains(.usageMismatch)
        event.cost = cost
        event.added = added
        event.flags = flags
        if flags.contains(.late), hold.state == .open, kind == .commit || kind == .checkpoint { event.flags.insert(.lapsed) }
        event.component = said.component?.text
        event.latencyMilliseconds = said.latencyMilliseconds
        event.status = said.status
        event.unknownUsage = said.unknownUsage
        event.labels = note.labels
        event.promptHash = note.promptHash
        event.traceID = (said.traceID ?? note.traceID)?.description
        event.counters = movements(event.added)
        return event
    }

    private func attribution(_ known: AttributionRecord?) -> Attribution {
        var attribution = Attribution(user: user)
        attribution.session = note.session
        attribution.tier = known?.tier ?? hold.tier
        attribution.feature = known?.feature ?? .unknown
        attribution.team = known.map(\.team) ?? .unknown
        attribution.environment = known.map(\.environment) ?? .unknown
        attribution.plan = known.map(\.plan) ?? .unknown
        return attribution
    }

    /// Which model was asked for, given and charged, and at which prices. Costs of a component know no model.
    private func name(_ event: inout LedgerEvent, _ known: AttributionRecord?) {
        guard said.component == nil else { return }
        let index = Int(hold.rung) - 1
        let rung = known.flatMap { $0.rungs.indices.contains(index) ? $0.rungs[index] : nil }
        event.modelAsked = known.map(\.modelAsked) ?? .unknown
        event.modelGiven = rung?.model ?? .unknown
        event.model = said.model ?? rung?.canonical ?? .unknown
        event.priceClass = known?.priceClass ?? .standard
        event.priceVersion = known?.priceVersion
        if !isRecord, let known { event.decision = known.asksFirstRung && index == 0 ? .allow : .degrade }
    }

    private func decide(_ event: inout LedgerEvent) {
        event.reason = Decision.Reason(code: hold.reason)
        event.maximumOutputAsked = note.maximumOutput
        event.maximumOutputGranted = hold.output
        event.heldInput = hold.input
        event.heldOutput = hold.output
        event.heldCost = hold.cost
    }

    private func movements(_ added: Movement) -> [CounterMovement] {
        hold.parts.enumerated().compactMap { index, part in
            guard let counter = part.counter, let unit = AllowanceUnit(code: part.unit) else { return nil }
            let amount = strays[index + 1] ?? added.amount(in: unit)
            guard amount != 0 else { return nil }
            return CounterMovement(
                counter: counter, user: counter.isPerUser ? user : nil, unit: unit, windowStart: part.windowStart, amount: amount)
        }
    }
}

extension Identifier {
    /// Stands for what an event's attribution would have told.
    fileprivate static let unknown: Identifier = "unknown"
}
