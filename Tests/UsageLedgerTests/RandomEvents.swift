import BudgetModel
import TestSupport

/// A seeded life of a service: reservations that are committed, late or on time, streamed, released, left to expire, and records.
struct RandomEvents {
    private(set) var events: [LedgerEvent] = []
    /// What is booked, and under which model: one for each event; two where a reservation goes over to another model.
    private(set) var lines: [Line] = []

    struct Line {
        var event: LedgerEvent
        /// Requests, input, output, cached, cache write and reasoning tokens, microcents.
        var amounts: [Int64]
        /// Whether it is the event's own, rather than what is taken back of what was booked under another model.
        var isEvent = true
    }
    private var random: SeededGenerator
    private let from: Int64
    private let length: Int64
    private var sequence: Int64 = 0

    init(seed: UInt64, from: Int64, days: Int64, reservations: Int) {
        random = SeededGenerator(seed: seed)
        self.from = from
        length = days * Times.day
        for number in 0..<reservations {
            if random.oneIn(8) { record(number) } else { reservation(number) }
        }
        events.sort { ($0.id.milliseconds, $0.id.sequence) < ($1.id.milliseconds, $1.id.sequence) }
    }

    private mutating func attribution() -> Attribution {
        var who = Attribution(user: Identifier("u\(Int.random(in: 0..<25, using: &random))"))
        who.feature = random.pick(["chat", "search", "default"])
        who.tier = random.pick(["free", "pro", nil])
        who.team = random.pick(["red", "blue", nil])
        who.environment = random.pick(["prod", nil])
        who.plan = random.pick(["basic", "max", nil])
        who.session = random.pick(["s1", "s2", nil])
        return who
    }

    private mutating func event(_ kind: LedgerEvent.Kind, at time: Int64, reserved: Int64, _ who: Attribution) -> LedgerEvent {
        sequence += 1
        let id = EventID(partition: Int.random(in: 0..<64, using: &random), milliseconds: time, sequence: sequence)
        return LedgerEvent(id: id, kind: kind, settledAt: time, reservedAt: reserved, attribution: who)
    }

    private mutating func usage(upTo whole: Int64 = 5_000) -> Usage {
        var usage = Usage(
            inputTokens: Int64.random(in: 0...whole, using: &random), outputTokens: Int64.random(in: 0...whole, using: &random))
        usage.cachedInputTokens = Int64.random(in: 0...usage.inputTokens, using: &random)
        usage.cacheWriteInputTokens = Int64.random(in: 0...(usage.inputTokens - usage.cachedInputTokens), using: &random)
        usage.reasoningTokens = Int64.random(in: 0...usage.outputTokens, using: &random)
        return usage
    }

    /// - Parameter before: the reservation's event before, if that booked anything.
    private mutating func keep(_ event: LedgerEvent, after before: LedgerEvent?) {
        events.append(event)
        if event.kind == .release || event.kind == .expiry {
            return lines.append(Line(event: event, amounts: Array(repeating: 0, count: 7)))
        }
        guard let before else { return lines.append(Line(event: event, amounts: event.whole)) }
        guard before.model != event.model else {
            return lines.append(Line(event: event, amounts: zip(event.whole, before.whole).map { $0 - $1 }))
        }
        var taken = event
        taken.model = before.model
        lines.append(Line(event: taken, amounts: before.whole.map { -$0 }, isEvent: false))
        lines.append(Line(event: event, amounts: event.whole))
    }

    private mutating func record(_ number: Int) {
        let time = from + Int64.random(in: 0..<length, using: &random)
        var event = event(.record, at: time, reserved: time, attribution())
        event.reservation = "key-\(number)"
        if random.oneIn(3) {
            event.component = random.pick(["gpu", "vectors"])
            event.cost = Int64.random(in: 1...9_999_999, using: &random)
            event.added = Movement(cost: event.cost ?? 0)
        } else {
            event.model = random.pick(["gpt-4o", "gpt-4o-mini"])
            event.usage = usage()
            event.cost = event.usage.inputTokens * 250 + event.usage.outputTokens * 1_000
            event.added = Movement(
                input: event.usage.inputTokens, output: event.usage.outputTokens, cost: event.cost ?? 0, requests: 1)
        }
        keep(event, after: nil)
    }

    private mutating func reservation(_ number: Int) {
        let who = attribution()
        let reserved = from + Int64.random(in: 0..<length, using: &random)
        let models: [Identifier] = ["gpt-4o", "gpt-4o-mini", "claude-opus"]
        var model = random.pick(models)
        let decision: Decision.Kind = random.pick([.allow, .degrade])
        let priceClass: PriceClass = random.pick([.standard, .batch])
        var now = reserved
        var booked = Usage(inputTokens: 0, outputTokens: 0)
        var cost: Int64 = 0
        var before: LedgerEvent?

        func settle(_ kind: LedgerEvent.Kind, _ usage: Usage, _ life: inout RandomEvents) {
            let settles = kind == .commit || kind == .checkpoint
            // Another model was called than the checkpoints said.
            if settles, before != nil, life.random.oneIn(3) { model = life.random.pick(models) }
            now += Int64.random(in: 1...(30 * Times.minute), using: &life.random)
            var event = life.event(kind, at: now, reserved: reserved, who)
            event.reservation = "\(who.user):\(number)"
            event.model = model
            event.modelAsked = "gpt-4o"
            event.decision = decision
            event.priceClass = priceClass
            event.priceVersion = PriceVersion(bytes: 7)
            event.usage = usage
            let priced = model != "claude-opus"
            let total = priced ? usage.inputTokens * 250 + usage.outputTokens * 1_000 : 0
            event.cost = priced ? total : nil
            let counted: Int64 = before == nil ? 0 : 1
            event.added = Movement(
                input: usage.inputTokens - booked.inputTokens, output: usage.outputTokens - booked.outputTokens, cost: total - cost,
                requests: settles ? 1 - counted : 0)
            if !priced, settles { event.flags.insert(.unpriced) }
            if settles, life.random.oneIn(3) { event.latencyMilliseconds = Int64.random(in: 1...900, using: &life.random) }
            event.heldInput = 1_000
            event.heldOutput = 500
            event.heldCost = priced ? 750_000 : nil
            life.keep(event, after: before)
            if settles { before = event }
            booked = usage
            cost = total
        }

        if random.oneIn(3) {
            for _ in 0..<Int.random(in: 1...3, using: &random) { settle(.checkpoint, usage(), &self) }
        }
        switch Int.random(in: 0..<10, using: &random) {
        case 0: settle(.release, booked, &self)
        case 1: settle(.expiry, booked, &self)
        case 2:
            settle(.expiry, booked, &self)
            settle(.commit, usage(), &self)
            events[events.count - 1].flags.insert(.late)
        default: settle(.commit, usage(), &self)
        }
    }
}

extension LedgerEvent {
    /// All that is booked of its reservation or record so far, in the order of ``RandomEvents/Line/amounts``.
    fileprivate var whole: [Int64] {
        [
            component == nil ? 1 : 0, usage.inputTokens, usage.outputTokens, usage.cachedInputTokens,
            usage.cacheWriteInputTokens, usage.reasoningTokens, cost ?? 0,
        ]
    }
}
