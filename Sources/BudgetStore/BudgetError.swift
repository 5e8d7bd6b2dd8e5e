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

extension BudgetError: CustomStringConvertible {
    /// A sentence. That of the store has Redis' own words in it: it is for logs and ops, not for callers.
    package var description: String {
        switch self {
        case .plan(let error): error.description
        case .store(let fault): fault.description
        case .unknownReservation: "No such reservation."
        case .reservationGone:
            "Its outcome is no longer kept and nothing was booked. Use /v1/record if it was never settled."
        case .alreadyCommitted: "The reservation has been committed, with other usage or before."
        case .reservationEnded: "The reservation has been committed, released or has expired."
        case .idempotencyKeyReused: "This user has sent the key with another request."
        case .versionConflict(0): "There is no version yet."
        case .versionConflict(let version): "Version \(version) is the latest: read it, and make the change again."
        case .amountTooLarge: "A sum would pass \(Amount.maximum); nothing was booked."
        case .unsettled: "What the decision rests on changed with every attempt; nothing was done. Try again."
        case .userChanging: "Others keep changing this user; nothing was changed. Try again."
        case .edit(let error): error.description
        case .unknownCursor: "Send the next_cursor of an answer, or none."
        }
    }
}
