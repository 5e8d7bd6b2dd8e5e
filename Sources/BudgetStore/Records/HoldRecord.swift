package import BudgetModel

/// A reservation as Redis keeps it; `lua/hold.lua` describes the bytes.
package struct HoldRecord: Sendable {
    package enum State: UInt8, Sendable {
        case open = 0x6F  // o
        case committed = 0x63  // c
        case released = 0x72  // r
        case expired = 0x65  // e
        case recorded = 0x6B  // k
    }
    package var state: State
    package var seal: Seal
    package var expires: Int64
    package var input: Int64
    package var output: Int64
    package var cost: Int64?
    package var bookedInput: Int64
    package var bookedOutput: Int64
    package var bookedCost: Int64?
    package var flags: SettlementFlags
    /// Of the reserve's request; empty without an idempotency key.
    package var fingerprint: [UInt8]
    /// Of a committed one the fingerprint of its settlement, of a released one what it gave back: tokens and cost, `<dd`.
    package var settlement: [UInt8]
    /// What the reserve answered, kept for a repeated idempotency key.
    package var answer: [UInt8]
    package var tier: Identifier
    package var parts: [Origin.Part]
    /// Which rung of the ladder was held, from 1, and the reserve script's number for why.
    var rung: UInt8
    var reason: UInt8
    /// Requests booked.
    var requests: UInt8
    /// When anything was booked last, or it ended, milliseconds; 0 for never.
    var writtenAt: Int64 = 0
    /// What the ledger wants to know of the request, and of the last checkpoint; only read for the ledger.
    var note: [UInt8] = []
    var said: [UInt8] = []

    package var held: Charge { Charge(tokens: input + output, cost: cost) }
    package var booked: Charge { Charge(tokens: bookedInput + bookedOutput, cost: bookedCost) }

    /// nil when the bytes are no record.
    /// - Parameter noted: reads what only the ledger needs, too.
    init?(_ bytes: [UInt8], _ origins: inout OriginMemory, noted: Bool = false) {
        self.init(Unpacker(bytes), &origins, noted: noted)
    }

    /// - Parameter reader: of the record alone.
    init?(_ reader: consuming Unpacker, _ origins: inout OriginMemory, noted: Bool = false) {
        // A seal begins with the highest byte of a time, a settlement with a letter.
        let settled = reader.first.flatMap(State.init(rawValue:))
        state = settled ?? .open
        (bookedInput, bookedOutput, bookedCost, requests, flags, settlement) = (0, 0, nil, 0, [], [])
        if settled != nil {
            reader.skip(1)  // the letter
            writtenAt = reader.time()
            bookedInput = reader.double()
            bookedOutput = reader.double()
            bookedCost = Self.price(reader.double())
            requests = reader.byte()
            flags = SettlementFlags(rawValue: reader.byte())
            settlement = reader.bytes(Int(reader.byte()))
            let length = Int(reader.unsigned(2))
            if noted { said = reader.bytes(length) } else { reader.skip(length) }
        }
        seal = reader.seal()
        expires = reader.time()
        input = reader.double()
        output = reader.double()
        cost = Self.price(reader.double())
        if settled == nil { bookedCost = cost.map { _ in 0 } }
        guard let origin = origins.origin(reader.bytes(Int(reader.unsigned(4)))) else { return nil }
        tier = origin.tier
        parts = origin.parts
        reader.skip(4)  // time to live: the scripts' affair
        rung = reader.byte()
        reason = reader.byte()
        let fingerprintLength = Int(reader.byte())
        let (noteLength, startsLength) = (Int(reader.unsigned(2)), Int(reader.unsigned(2)))
        var starts = reader.part(startsLength)
        for index in parts.indices where parts[index].isRolling { parts[index].windowStart = starts.time() }
        if noted { note = reader.bytes(noteLength) } else { reader.skip(noteLength) }
        fingerprint = reader.bytes(fingerprintLength)
        answer = reader.rest()
        guard !reader.isBroken, input >= 0, output >= 0, bookedInput >= 0, bookedOutput >= 0 else { return nil }
    }

    private static func price(_ cost: Int64) -> Int64? { cost < 0 ? nil : cost }
}

/// What a reserve writes of its record behind seal and expiry: as it is after a plain answer. The script changes it where it
/// answers otherwise.
struct HoldDraft {
    let input: Int64
    let output: Int64
    /// Microcents; nil without a price.
    let cost: Int64?
    /// An ``Origin``'s bytes.
    let origin: [UInt8]
    /// Milliseconds.
    let timeToLive: Int64
    /// The reserve script's number for why.
    let reason: UInt8
    let fingerprint: [UInt8]

    /// - Parameter note: writes what the ledger wants to know of the request.
    /// - Parameter answer: see ``StoredAnswer``; empty without an idempotency key.
    func append(to bytes: inout ByteWriter, note: (inout ByteWriter) -> Void, answer: [UInt8]) {
        bytes.append(double: input)
        bytes.append(double: output)
        bytes.append(double: cost ?? -1)
        bytes.append(uint32: origin.count)
        bytes.append(origin)
        bytes.append(uint32: Int(timeToLive))
        bytes.append(1)
        bytes.append(reason)
        bytes.append(UInt8(truncatingIfNeeded: fingerprint.count))
        let length = bytes.count
        bytes.append(uint16: 0)
        bytes.append(uint16: 0)
        note(&bytes)
        bytes.replace(at: length, uint16: bytes.count - length - 4)
        bytes.append(fingerprint)
        bytes.append(answer)
    }
}

/// What every settling script answers: the record as it is now, the user's assignment, and the counters it took from.
/// A reference, for much is asked of it.
package final class HoldReport: Sendable {
    package let replayed: Bool
    /// What checkpoints had booked before: tokens and microcents.
    package let before: (input: Int64, output: Int64, cost: Int64)
    /// The store's time.
    package let now: Int64
    package let assignment: [UInt8]
    package let hold: HoldRecord
    /// In the order of the hold's parts; nil for a counter that is gone.
    package let counters: [CounterState?]

    /// Reads what follows the verdict letter.
    init?(_ reader: inout Unpacker, _ origins: inout OriginMemory) {
        let told = reader.byte()
        replayed = told == 1
        now = reader.time()
        before = told == 2 ? (reader.double(), reader.double(), reader.double()) : (0, 0, 0)
        let (assigned, recorded) = (Int(reader.unsigned(4)), Int(reader.unsigned(4)))
        assignment = reader.bytes(assigned)
        guard let hold = HoldRecord(reader.part(recorded), &origins) else { return nil }
        self.hold = hold
        counters = hold.parts.map { part in
            CounterState(&reader, isRefill: part.isRefill).flatMap { $0.finish == 0 ? nil : $0 }
        }
        guard !reader.isBroken else { return nil }
    }
}
