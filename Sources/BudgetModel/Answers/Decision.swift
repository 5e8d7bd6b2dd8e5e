/// The answer to a reserve or a check.
package struct Decision: Hashable, Sendable {
    package enum Kind: String, Sendable {
        case allow, degrade, reject
    }

    /// Why an answer is not a plain allow. The raw value is the word in answers.
    package enum Reason: String, CaseIterable, Sendable {
        case softLimit = "soft_limit"
        case outputShortened = "output_shortened"
        case overdraft
        case protectedHours = "protected_hours"
        case limit
        case tooLarge = "too_large"
        case inFlight = "in_flight"
        case frozen

        /// The reserve script's number for it; 0 is none.
        package init?(code: UInt8) {
            switch code {
            case 1: self = .softLimit
            case 2: self = .outputShortened
            case 3: self = .overdraft
            case 4: self = .protectedHours
            case 5: self = .limit
            default: return nil
            }
        }
    }

    package var kind: Kind
    /// nil when nothing is held: a rejection or a check.
    package var reservation: ReservationID?
    package var model: Identifier?
    /// The grant.
    package var maximumOutput: Int64?
    /// Milliseconds since 1970.
    package var expiresAt: Int64?
    package var reason: Reason?
    package var allowance: Identifier?
    package var held: Charge?
    package var allowances: [AllowanceState]
    /// Fit to show an end user; of a rejection.
    package var message: String?
    package var retryAfterSeconds: Int64?

    package init(_ kind: Kind, allowances: [AllowanceState]) {
        self.kind = kind
        self.allowances = allowances
    }
}

/// An amount of tokens and what they cost; no cost without a price.
package struct Charge: Hashable, Sendable {
    package var tokens: Int64
    /// Microcents.
    package var cost: Int64?

    package init(tokens: Int64, cost: Int64?) {
        self.tokens = tokens
        self.cost = cost
    }

    /// What of this is left after `spent`, never below 0.
    package func less(_ spent: Charge) -> Charge {
        Charge(tokens: max(tokens - spent.tokens, 0), cost: cost.map { max($0 - (spent.cost ?? 0), 0) })
    }
}

/// One counter as people read it. Amounts are in the unit; microcents for `usd`.
package struct AllowanceState: Hashable, Sendable {
    private let compiled: CompiledAllowance
    package let limit: Int64
    package let used: Int64
    package let held: Int64
    /// The window's end, or when a refill is full; nil where there is none. Milliseconds since 1970.
    package let resetsAt: Int64?
    /// Values of `per` besides the user.
    package let dimensions: [(dimension: Dimension, value: Identifier)]

    /// - Parameter limit: the one that counts for this counter now.
    package init(
        _ compiled: CompiledAllowance, _ counter: CounterKey, limit: Int64, used: Int64, held: Int64, resetsAt: Int64?
    ) {
        self.compiled = compiled
        self.limit = limit
        self.used = used
        self.held = held
        self.resetsAt = resetsAt
        dimensions = compiled.dimensions(of: counter)
    }

    package var name: Identifier { compiled.allowance.name }
    package var unit: AllowanceUnit { compiled.allowance.unit }
    package var shadow: Bool { compiled.allowance.shadow }
    /// Name, unit and limit as ``JSONText`` writes them; nil where the limit is not the allowance's own.
    var written: [UInt8]? { limit == compiled.allowance.limit ? compiled.written : nil }

    /// Never below 0: what goes beyond a limit shows in `used`.
    package var remaining: Int64 { max(limit - used - held, 0) }

    package static func == (a: AllowanceState, b: AllowanceState) -> Bool {
        a.name == b.name && a.unit == b.unit && a.limit == b.limit && a.used == b.used && a.held == b.held
            && a.resetsAt == b.resetsAt && a.shadow == b.shadow && a.dimensions.elementsEqual(b.dimensions) { $0 == $1 }
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(name)
        hasher.combine(used)
        hasher.combine(held)
    }
}
