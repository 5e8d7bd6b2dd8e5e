package import BudgetModel

/// Why a call got no answer of its own kind. One place in the server maps these to HTTP.
package enum BudgetError: Error, Hashable, Sendable {
    case plan(PlanError)
    case store(StoreFault)
    /// Malformed, never issued, or another environment's.
    case unknownReservation
    /// Issued longer ago than outcomes are kept, and not a trace is left.
    case reservationGone
    case alreadyCommitted
    case reservationEnded
    case idempotencyKeyReused
    /// A document was changed by somebody else; the version that is the latest.
    case versionConflict(Int64)
    /// A counter would pass 2^53 - 1.
    case amountTooLarge
    /// The store kept knowing better, longer than ``StoreLimits/replans`` allows.
    case unsettled
    /// Others kept changing the user, longer than ``StoreLimits/editPatience``; nothing was written.
    case userChanging
    /// Ops asked for a change that policy, or what is stored, does not allow.
    case edit(EditError)
    /// A cursor that no listing gave out.
    case unknownCursor
}
