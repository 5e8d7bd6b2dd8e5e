import BudgetModel

/// The fields of an event's entry; what one does not have is empty. `lua/event.lua` describes them.
struct EventFields {
    var event: [UInt8] = []
    var key: [UInt8] = []
    var said: [UInt8] = []
    var record: [UInt8] = []
    var strays: [UInt8] = []

    /// - Parameter words: names and values by turns; fields of other names are passed over.
    init(_ words: [Reply]) {
        for index in stride(from: 1, to: words.count, by: 2) {
            guard case .bytes(let value) = words[index] else { continue }
            switch words[index - 1].text {
            case "e": event = value
            case "k": key = value
            case "s": said = value
            case "r": record = value
            case "m": strays = value
            default: continue
            }
        }
    }
}

/// An event as it lies in a partition's stream; `lua/event.lua` describes the bytes. Read in two steps: what its attribution is
/// called is known at once, what that says has to be looked up.
struct LedgerRecord: Sendable {
    let kind: LedgerEvent.Kind
    private let time: Int64
    private let story: Story
    /// Under which digest its attribution lies; nil for one without. Stored, for Swift 6.3's optimizer crashes on asking `story`.
    let attribution: AttributionDigest?

    private enum Story: Sendable {
        case settlement(SettledHold)
        case adjustment(AdjustmentNote, [CounterMovement])
    }

    /// nil when the fields tell no event.
    init?(_ fields: EventFields, _ origins: inout OriginMemory) {
        var reader = Unpacker(fields.event)
        guard let kind = LedgerEvent.Kind(rawValue: String(UnicodeScalar(reader.byte()))) else { return nil }
        self.kind = kind
        time = reader.time()
        switch kind {
        case .commit, .checkpoint, .release, .expiry, .record:
            guard let settlement = SettledHold(&reader, fields, isRecord: kind == .record, &origins) else { return nil }
            (story, attribution) = (.settlement(settlement), settlement.note.attribution)
        case .grant:
            (story, attribution) = (.adjustment(AdjustmentNote(&reader), []), nil)
        case .reset, .repair:
            reader.skip(4)
            let note = AdjustmentNote(&reader)
            (story, attribution) = (.adjustment(note, Self.movements(&reader, note, takenAway: kind == .reset)), nil)
        }
        guard !reader.isBroken, reader.isAtEnd else { return nil }
    }

    /// - Parameter takenAway: what stands there was used and is not any more; else it is what was added.
    private static func movements(_ reader: inout Unpacker, _ note: AdjustmentNote, takenAway: Bool) -> [CounterMovement] {
        var movements: [CounterMovement] = []
        for counter in note.counters {
            let (start, amount) = (reader.time(), reader.double())
            guard amount > 0 || amount < 0 && !takenAway, let key = Keys.counter(field: counter.field),
                let unit = AllowanceUnit(code: counter.unit)
            else { continue }
            movements.append(
                CounterMovement(counter: key, user: note.user, unit: unit, windowStart: start, amount: takenAway ? -amount : amount))
        }
        return movements
    }

    /// - Parameter known: what lies under its digest; nil when that is gone: what it would tell is then `unknown`.
    func event(_ id: EventID, _ known: AttributionRecord?) -> LedgerEvent {
        switch story {
        case .settlement(let settlement): return settlement.event(id, kind, at: time, known)
        case .adjustment(let note, let movements):
            var event = LedgerEvent(id: id, kind: kind, settledAt: time, reservedAt: time, attribution: Attribution(user: note.user))
            event.actor = note.actor
            event.note = note.reason
            event.labels = note.facts
            event.counters = movements
            return event
        }
    }
}

extension AllowanceUnit {
    /// The unit of a number in scripts and records.
    init?(code: UInt8) {
        guard let unit = Self.allCases.first(where: { $0.code == code }) else { return nil }
        self = unit
    }
}
