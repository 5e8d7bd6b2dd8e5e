/// One entry of the ledger: what a script booked, gave back or adjusted, and for whom. Written with the counters, in one step.
package struct LedgerEvent: Hashable, Sendable {
    /// What happened. The raw value is the letter in the stream; never change one.
    package enum Kind: String, CaseIterable, Sendable {
        /// A reservation was settled, on time or late.
        case commit = "c"
        /// A long stream told its usage so far.
        case checkpoint = "p"
        case release = "r"
        /// A hold's time was over and nobody had settled it.
        case expiry = "e"
        /// Booked without a reserve.
        case record = "k"
        /// Ops zeroed counters of a user.
        case reset = "z"
        /// Ops granted a user extra allowance. Moves no counter.
        case grant = "g"
        /// An audit's repair set a counter right.
        case repair = "a"
    }

    package var id: EventID
    package var kind: Kind
    /// When it was booked, by the store's clock, milliseconds since 1970.
    package var settledAt: Int64
    /// When the reservation was made; of an event without one ``settledAt``. Reports go by it.
    package var reservedAt: Int64
    package var attribution: Attribution
    /// The reservation's own name, `USER:NONCE`, both encoded as in keys; of a record the nonce is `=` and its idempotency key. Empty
    /// for reset, grant and repair.
    package var reservation: String = ""

    // MARK: What was decided

    /// As the caller wrote it; nil for non-token costs and adjustments.
    package var modelAsked: Identifier?
    /// What was held: as asked, or as the ladder writes it.
    package var modelGiven: Identifier?
    /// The catalogue's name of the model charged.
    package var model: Identifier?
    /// nil without a reserve.
    package var decision: Decision.Kind?
    package var reason: Decision.Reason?
    package var priceClass: PriceClass = .standard
    package var priceVersion: PriceVersion?
    /// `max_output_tokens` as asked, and as granted.
    package var maximumOutputAsked: Int64?
    package var maximumOutputGranted: Int64?
    /// Tokens and microcents held by the reserve, input and output apart.
    package var heldInput: Int64 = 0
    package var heldOutput: Int64 = 0
    package var heldCost: Int64?

    // MARK: What was booked

    /// The reservation's usage as known now: of checkpoints and commits cumulative.
    package var usage = Usage(inputTokens: 0, outputTokens: 0)
    /// Microcents booked for the reservation so far; nil without a price.
    package var cost: Int64?
    /// What this event alone added to used, below nothing where it gave back: input and output tokens, microcents, requests.
    package var added = Movement()
    package var flags: SettlementFlags = []
    /// Of a record of something that is no model's tokens: GPU hours, storage.
    package var component: String?

    // MARK: What the caller said

    package var latencyMilliseconds: Int64?
    /// Fields of a provider's usage object that mean nothing here, as a JSON object.
    package var unknownUsage: String?
    package var status: String?
    package var labels: [String: String] = [:]
    package var promptHash: String?
    /// 32 hexadecimal digits (W3C Trace Context).
    package var traceID: String?
    /// Who ordered a reset, grant or repair, and why.
    package var actor: String?
    package var note: String?

    // MARK: Where it was booked

    package var counters: [CounterMovement] = []

    package init(id: EventID, kind: Kind, settledAt: Int64, reservedAt: Int64, attribution: Attribution) {
        self.id = id
        self.kind = kind
        self.settledAt = settledAt
        self.reservedAt = reservedAt
        self.attribution = attribution
    }
}

/// Tells every event apart, for ever: an event that is read twice is booked once.
package struct EventID: Hashable, Sendable, CustomStringConvertible {
    /// Of the stream, 0-63.
    package var partition: Int
    /// The stream's own id: milliseconds and a sequence number.
    package var milliseconds: Int64
    package var sequence: Int64

    package init(partition: Int, milliseconds: Int64, sequence: Int64) {
        self.partition = partition
        self.milliseconds = milliseconds
        self.sequence = sequence
    }

    /// `17-1732179600000-0`
    package var description: String { "\(partition)-\(milliseconds)-\(sequence)" }
}

/// Amounts added to what is used; below nothing: given back.
package struct Movement: Hashable, Sendable {
    package var input: Int64 = 0
    package var output: Int64 = 0
    /// Microcents.
    package var cost: Int64 = 0
    package var requests: Int64 = 0

    package init(input: Int64 = 0, output: Int64 = 0, cost: Int64 = 0, requests: Int64 = 0) {
        self.input = input
        self.output = output
        self.cost = cost
        self.requests = requests
    }

    /// In the unit of a counter; nothing for `in_flight`, which is only held.
    package func amount(in unit: AllowanceUnit) -> Int64 {
        switch unit {
        case .tokens: input + output
        case .inputTokens: input
        case .outputTokens: output
        case .usd: cost
        case .requests: requests
        case .inFlight: 0
        }
    }
}

/// A counter that an event moved.
package struct CounterMovement: Hashable, Sendable {
    package var counter: CounterKey
    /// Which user's; nil for a shared one.
    package var user: Identifier?
    package var unit: AllowanceUnit
    /// When its window began; 0 for lifetime, refill and in_flight.
    package var windowStart: Int64
    /// Added to used, in the unit.
    package var amount: Int64

    package init(counter: CounterKey, user: Identifier?, unit: AllowanceUnit, windowStart: Int64, amount: Int64) {
        self.counter = counter
        self.user = user
        self.unit = unit
        self.windowStart = windowStart
        self.amount = amount
    }
}

/// What is remarkable about a settlement. Raw values are stored; never change one.
package struct SettlementFlags: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// What other modules get otherwise works on any sequence of any set: the two empty ones of a commit took 3,500 instructions.
    package init(arrayLiteral elements: SettlementFlags...) {
        var bits: UInt8 = 0
        for element in elements { bits |= element.rawValue }
        rawValue = bits
    }

    package static let late = SettlementFlags(rawValue: 1)
    package static let overHold = SettlementFlags(rawValue: 2)
    package static let estimated = SettlementFlags(rawValue: 4)
    package static let unpriced = SettlementFlags(rawValue: 8)
    package static let usageMismatch = SettlementFlags(rawValue: 16)
    /// Late, and before the sweep: the settlement itself ended a hold whose time was over. Only events have it, no record.
    package static let lapsed = SettlementFlags(rawValue: 32)
}
