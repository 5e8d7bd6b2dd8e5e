import BudgetModel

/// Who asks, as a request says it; the tier here is the request's own field.
struct ReferenceCaller: Hashable {
    var user: Identifier
    var feature: Identifier = "default"
    var tier: Identifier?
    var team: Identifier?
    var environment: Identifier?
    var plan: Identifier?
    var session: Identifier?
}

struct ReferenceRequest: Equatable {
    var caller: ReferenceCaller
    var model: Identifier
    var inputTokens: Int64
    var maxOutput: Int64?
    var minOutput: Int64?
    var priceClass = PriceClass.standard
    /// Milliseconds.
    var ttl: Int64 = 120_000
    var idempotencyKey: String?
}

/// All input includes its cached and cache-written parts.
struct ReferenceUsage: Equatable {
    var input: Int64
    var output: Int64
    var cached: Int64 = 0
    var cacheWrite: Int64 = 0
    /// Of `cacheWrite`.
    var hourWrite: Int64 = 0
    /// Of `input`; which of it came from a cache nobody tells.
    var audio: Int64 = 0
    /// Of `output`.
    var reasoning: Int64 = 0
}

/// Either `model` and `usage`, or `cost` (microcents) of some component without tokens.
struct ReferenceRecord: Equatable {
    var caller: ReferenceCaller
    var model: Identifier?
    var usage: ReferenceUsage?
    var cost: Int64?
    var priceClass = PriceClass.standard
    var idempotencyKey: String
}

/// What ops said about one user.
struct ReferenceAssignment: Equatable {
    var tier: Identifier?
    var frozen = false
    /// Own limits by allowance name; they count for allowances whose `per` has the user only.
    var limits: [Identifier: Int64] = [:]
    var grants: [ReferenceGrant] = []
}

/// A top-up. It raises the limit in windows that start before `before`; where there is no window, until `before`.
struct ReferenceGrant: Equatable {
    var allowance: Identifier
    var amount: Int64
    var before: Int64
    /// Values of `per` beyond the user; a dimension not named here may have any value.
    var dimensions: [Dimension: Identifier] = [:]
    /// What it was asked as; nil for one that nobody asked for.
    var asked: ReferenceGrantRequest?
}

struct ReferenceGrantRequest: Equatable {
    var id: String
    var allowance: Identifier
    var amount: Int64
    var expiresAt: Int64?
    var dimensions: [Dimension: Identifier] = [:]
}

/// Why nothing was decided. Raw values are codes of the API where the contract names one; the others are our own words.
enum ReferenceRefusal: String, Error {
    case unknownTier = "unknown_tier"
    case unpricedModel = "unpriced_model"
    case amountTooLarge = "amount_too_large"
    case usageInconsistent = "usage_inconsistent"
    case idempotencyKeyReused = "idempotency_key_reused"
    case reservationEnded = "reservation_ended"
    case alreadyCommitted = "already_committed"
    case unknownReservation = "unknown_reservation"
    case reservationGone = "reservation_gone"
    case missingMaximum = "max_output_tokens_missing"
    case minimumAboveMaximum = "min_output_tokens_above_maximum"
    case noModel = "no_model"
    case missingDimension = "dimension_missing"
    case unknownAllowance = "unknown_allowance"
    case invalidField = "invalid_field"
    case neverCounted = "never_counted"
    case grantIDReused = "grant_id_reused"
}

/// Tokens, and microcents; nil is unpriced.
struct ReferenceAmounts: Equatable {
    var tokens: Int64
    var cost: Int64?
}

/// One allowance as an answer shows it.
struct ReferenceState: Equatable {
    var name: Identifier
    var unit: AllowanceUnit
    var limit: Int64
    var used: Int64
    var held: Int64
    var remaining: Int64
    /// Milliseconds since 1970. A full refill says now; a rolling window not begun says nil.
    var resetsAt: Int64?
}

enum ReferenceVerdict: String {
    case allow, degrade, reject
}

struct ReferenceDecision: Equatable {
    var verdict: ReferenceVerdict
    /// As asked or as the ladder writes it; nil for a reject, as `output` and `held` are.
    var model: Identifier?
    var output: Int64?
    var reason: String?
    var allowance: Identifier?
    var retryAfterSeconds: Int64?
    var held: ReferenceAmounts?
    /// nil for a reject and for a check.
    var expiresAt: Int64?
    /// nil for a reject and for a check.
    var reservation: Int?
    /// The stored answer to an idempotency key seen before; `allowances` are then those of the first answer.
    var replayed = false
    var allowances: [ReferenceState] = []
}

struct ReferenceSettlement: Equatable {
    /// `committed`, `active`, or for a late checkpoint `expired` or `released`.
    var state: String
    var charged: ReferenceAmounts
    var released: ReferenceAmounts
    var late: Bool
    var overHold: Bool
    var replayed = false
    var estimated: Bool
    var unpriced: Bool
    /// Of a checkpoint only.
    var stop: Bool?
    /// The allowances held that present policy still has, as they are now.
    var allowances: [ReferenceState] = []
}

struct ReferenceRelease: Equatable {
    /// `released` or `expired`.
    var state: String
    var released: ReferenceAmounts
    var replayed = false
}

struct ReferenceRecorded: Equatable {
    var charged: ReferenceAmounts
    var replayed = false
    var allowances: [ReferenceState] = []
}
